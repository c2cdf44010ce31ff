package dev.derp4j.http;

import dev.derp4j.transport.TlsLayer;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;

/// The end of a connection whose input was not read to its end.
///
/// Closing such a connection makes the kernel send a reset, which can overtake the response on its
/// way to the peer. So only our own direction is closed at first, and input thrown away until the
/// peer has closed the other or a moment is over.
final class Ending {
  /// As long as Go's server waits.
  static final long LINGER_MILLIS = 500;

  private Ending() {}

  /// Closes our direction; behind what has been written.
  static void closeOutput(Channel channel) {
    TlsLayer tls = TlsLayer.of(channel);
    if (tls != null) {
      tls.closeOutput();
    } else if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
  }
}
