package dev.derp4j.bench.load;

import dev.derp4j.stun.BindingAnswer;
import dev.derp4j.stun.RequestChecker;
import dev.derp4j.stun.RequestVerdict;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/// A STUN server that answers valid requests, and lies about the address now and then.
final class StunAnswers implements Closeable {
  private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  private final int lieEvery;

  /// @param lieEvery every so many-th answer names another port; 0 for none
  StunAnswers(int lieEvery) throws IOException {
    this.lieEvery = lieEvery;
    Thread.ofPlatform().daemon().start(this::answer);
  }

  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  private void answer() {
    RequestChecker checker = new RequestChecker();
    byte[] request = new byte[1500];
    byte[] answer = new byte[BindingAnswer.IPV6_LENGTH];
    try {
      for (int count = 1; ; count++) {
        DatagramPacket packet = new DatagramPacket(request, request.length);
        socket.receive(packet);
        if (checker.check(request, 0, packet.getLength()) == RequestVerdict.VALID) {
          byte[] from = packet.getAddress().getAddress();
          boolean lie = lieEvery > 0 && count % lieEvery == 0;
          int port = lie ? 1 : packet.getPort();
          int length = BindingAnswer.write(request, 0, from, from.length, port, answer);
          socket.send(new DatagramPacket(answer, length, packet.getSocketAddress()));
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
