package dev.derp4j.bench.load;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import static java.nio.charset.StandardCharsets.US_ASCII;

/// The least that a load generator takes for a DERP relay: plain HTTP, one thread per connection.
/// It can drop packets on purpose, so that the generator's counts can be checked.
final class PlainRelay implements Closeable {
  private final ServerSocket listener;
  private final NodePrivateKey key = NodePrivateKey.generate();
  private final Map<NodePublicKey, DataOutputStream> clients;
  private final AtomicLong packets = new AtomicLong();
  private final int dropEvery;
  private final Drop also;

  /// What is dropped besides.
  enum Drop {
    NOTHING,
    DISCO
  }

  /// @param dropEvery drop every so many-th packet; 0 for none
  PlainRelay(int dropEvery) throws IOException {
    this(dropEvery, Drop.NOTHING);
  }

  PlainRelay(int dropEvery, Drop also) throws IOException {
    this(dropEvery, also, new ConcurrentHashMap<>());
  }

  private PlainRelay(int dropEvery, Drop also, Map<NodePublicKey, DataOutputStream> clients)
      throws IOException {
    this.dropEvery = dropEvery;
    this.also = also;
    this.clients = clients;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /// Another one, with a key of its own, whose clients are reachable through this one and the other
  /// way round.
  PlainRelay meshed() throws IOException {
    return new PlainRelay(dropEvery, also, clients);
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = listener.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      boolean fastStart = readRequest(in).contains("Derp-Fast-Start: 1\r\n");
      if (!fastStart) {
        out.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\n\r\n".getBytes(US_ASCII));
      }
      ByteBuf greeting = Unpooled.buffer();
      FrameWriter.writeServerKey(greeting, key.publicKey());
      out.write(greeting.array(), 0, greeting.readableBytes());
      NodePublicKey client = readClientInfo(in);
      byte[] info = SharedBox.between(key, client).sealWithRandomNonce(ServerInfo.plain().toJson());
      writeFrame(out, FrameType.SERVER_INFO, info);
      clients.put(client, out);
      relay(client, in);
    } catch (IOException e) {
      // The client has gone.
    }
  }

  private static String readRequest(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  private static NodePublicKey readClientInfo(DataInputStream in) throws IOException {
    in.readUnsignedByte();
    byte[] payload = in.readNBytes(in.readInt());
    return NodePublicKey.read(Unpooled.wrappedBuffer(payload), 0);
  }

  private void relay(NodePublicKey client, DataInputStream in) throws IOException {
    while (true) {
      int type = in.readUnsignedByte();
      byte[] payload = in.readNBytes(in.readInt());
      if (type != FrameType.SEND_PACKET.code()) {
        continue;
      }
      DataOutputStream to = clients.get(NodePublicKey.read(Unpooled.wrappedBuffer(payload), 0));
      boolean drop = dropEvery > 0 && packets.incrementAndGet() % dropEvery == 0;
      boolean disco = payload[NodePublicKey.LENGTH] == 'T' && payload[33] == 'S';
      if (to != null && !drop && !(disco && also == Drop.DISCO)) {
        System.arraycopy(client.toBytes(), 0, payload, 0, NodePublicKey.LENGTH);
        writeFrame(to, FrameType.RECV_PACKET, payload);
      }
    }
  }

  private static void writeFrame(DataOutputStream out, FrameType type, byte[] payload)
      throws IOException {
    ByteBuf frame = Unpooled.buffer(5 + payload.length);
    FrameWriter.writeHeader(frame, type.code(), payload.length);
    frame.writeBytes(payload);
    synchronized (out) {
      out.write(frame.array(), 0, frame.readableBytes());
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
