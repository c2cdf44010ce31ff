package dev.derp4j.stunserver;

import dev.derp4j.stun.BindingAnswer;
import dev.derp4j.stun.BindingRequest;
import dev.derp4j.stun.StunFormatException;
import dev.derp4j.stun.TransactionId;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/// A UDP socket that asks and takes answers from anywhere. On loopback, datagrams of one client are
/// served in the order they were sent: an answer shows that all before it were looked at.
final class TestClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final DatagramSocket socket;

  /// What came back: the answer, its length in bytes, and where it came from.
  record Answered(BindingAnswer answer, int length, InetSocketAddress from) {}

  TestClient(String address) throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 0));
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  static void assumeIpv6() {
    try (DatagramSocket probe = new DatagramSocket(at("::1", 0))) {
      Assumptions.assumeTrue(probe.isBound());
    } catch (IOException e) {
      Assumptions.abort("SKIPPED: no IPv6 here: " + e);
    }
  }

  static void assumeNative() {
    String why = NativeSupport.whyUnavailable();
    Assumptions.assumeTrue(why == null, () -> "SKIPPED: " + why);
  }

  static InetSocketAddress at(String address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(address), port);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  void send(byte[] datagram, InetSocketAddress to) throws IOException {
    socket.send(new DatagramPacket(datagram, datagram.length, to));
  }

  /// The next datagram, which must be an answer.
  Answered receive() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
    socket.receive(packet);
    byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
    try {
      BindingAnswer answer = BindingAnswer.parse(bytes, 0, bytes.length);
      return new Answered(answer, bytes.length, (InetSocketAddress) packet.getSocketAddress());
    } catch (StunFormatException e) {
      throw new IOException(e);
    }
  }

  /// Asks once and returns the next datagram, which must be the answer to it.
  Answered ask(InetSocketAddress to) throws IOException {
    TransactionId id = TransactionId.random();
    send(BindingRequest.encode(id), to);
    Answered answered = receive();
    if (!answered.answer().id().equals(id)) {
      throw new AssertionError("an answer to something else: " + answered);
    }
    return answered;
  }

  @Override
  public void close() {
    socket.close();
  }
}
