package dev.derp4j.stunserver;

import dev.derp4j.stun.BindingAnswer;
import dev.derp4j.stun.RequestChecker;
import dev.derp4j.stun.RequestVerdict;

/// Decides about one datagram at a time: bytes in, an answer or silence out, and the counters.
///
/// The caller fills [#request] and [#address], calls [#respond] and takes the answer from
/// [#answer]. Nothing is allocated. Owned by the server's thread.
final class Responder {
  /// The longest request that is looked at, in bytes. A client's has 40; this leaves room for any
  /// that fits an Ethernet frame. Longer ones are refused as if they were damaged.
  static final int MAX_REQUEST = 2048;

  final byte[] request = new byte[MAX_REQUEST];
  final byte[] address = new byte[16];
  final byte[] answer = new byte[BindingAnswer.IPV6_LENGTH];

  private final RequestChecker checker = new RequestChecker();
  private final StunMetrics metrics;

  Responder(StunMetrics metrics) {
    this.metrics = metrics;
  }

  /// Answers the datagram in [#request].
  ///
  /// @param length of the datagram
  /// @param addressLength bytes of the sender's address in [#address]: 4 or 16
  /// @param port the sender's
  /// @return bytes of the answer, or 0 for silence
  int respond(int length, int addressLength, int port) {
    if (checker.check(request, 0, length) != RequestVerdict.VALID) {
      return refuse();
    }
    int answered = BindingAnswer.write(request, 0, address, addressLength, port, answer);
    (answered == BindingAnswer.IPV4_LENGTH ? metrics.ipv4 : metrics.ipv6).increment();
    return answered;
  }

  /// Counts a datagram that cannot be a request, and is silent.
  int refuse() {
    metrics.notStun.increment();
    return 0;
  }
}
