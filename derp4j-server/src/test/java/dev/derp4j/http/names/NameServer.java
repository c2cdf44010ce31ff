package dev.derp4j.http.names;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A name server on a loopback port that knows what a test tells it: RFC 1035 §4, by hand.
final class NameServer implements AutoCloseable {
  static final int A = 1;
  static final int TXT = 16;
  static final int AAAA = 28;
  private static final int NO_SUCH_NAME = 3;
  private static final int SERVER_FAILURE = 2;

  private final DatagramSocket socket;
  private final Map<String, List<byte[]>> records = new ConcurrentHashMap<>();
  private volatile boolean failing;

  NameServer() throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().name("name-server").daemon().start(this::serve);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  void addresses(String name, String... ips) {
    records.put(name + A, List.of());
    records.put(name + AAAA, List.of());
    for (String ip : ips) {
      byte[] bytes = InetAddress.ofLiteral(ip).getAddress();
      records.merge(name + (bytes.length == 4 ? A : AAAA), List.of(bytes), NameServer::both);
    }
  }

  void texts(String name, String... texts) {
    records.put(name + TXT, List.of());
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      byte[] data =
          ByteBuffer.allocate(1 + bytes.length).put((byte) bytes.length).put(bytes).array();
      records.merge(name + TXT, List.of(data), NameServer::both);
    }
  }

  private static List<byte[]> both(List<byte[]> some, List<byte[]> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  void forget(String name) {
    records.remove(name + A);
    records.remove(name + AAAA);
    records.remove(name + TXT);
  }

  /// From now on every question is answered with a failure, or not.
  void failing(boolean now) {
    failing = now;
  }

  private void serve() {
    byte[] buffer = new byte[1500];
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] answer = answer(ByteBuffer.wrap(buffer, 0, packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private byte[] answer(ByteBuffer query) {
    short id = query.getShort(0);
    query.position(12);
    StringBuilder name = new StringBuilder();
    for (int length = query.get(); length > 0; length = query.get()) {
      byte[] label = new byte[length];
      query.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
    int type = query.getShort();
    query.getShort();
    byte[] question = new byte[query.position() - 12];
    query.get(12, question);
    List<byte[]> found = failing ? null : records.get(name.toString() + type);
    int code = found != null ? 0 : failing ? SERVER_FAILURE : NO_SUCH_NAME;
    List<byte[]> answers = found == null ? List.of() : found;
    ByteBuffer out = ByteBuffer.allocate(1500);
    out.putShort(id).putShort((short) (0x8180 | code)).putShort((short) 1);
    out.putShort((short) answers.size()).putShort((short) 0).putShort((short) 0).put(question);
    for (byte[] data : answers) {
      out.putShort((short) 0xc00c).putShort((short) type).putShort((short) 1).putInt(60);
      out.putShort((short) data.length).put(data);
    }
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  @Override
  public void close() {
    socket.close();
  }
}
