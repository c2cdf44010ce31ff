package dev.derp4j.client;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A relay that does to established connections what a test says, numbered from 1.
final class ScriptedRelay implements AutoCloseable {
  @FunctionalInterface
  interface Script {
    void run(Peer peer) throws Exception;
  }

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final NodePrivateKey key = NodePrivateKey.generate();
  private final ServerInfo info;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  final List<Frame> frames = new CopyOnWriteArrayList<>();

  ScriptedRelay(ServerInfo info, Script script) throws IOException {
    this.info = info;
    this.script = script;
    Thread.startVirtualThread(this::acceptAll);
  }

  ScriptedRelay(Script script) throws IOException {
    this(ServerInfo.plain(), script);
  }

  DerpClientBuilder client() {
    return DerpClient.builder(NodePrivateKey.generate())
        .url("http://127.0.0.1:" + listener.getLocalPort())
        .reconnectPauses(java.time.Duration.ZERO, java.time.Duration.ZERO);
  }

  int connections() {
    return connections.get();
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      script.run(new Peer(socket, connections.incrementAndGet()));
    } catch (Exception ended) {
      // The client has gone, or the test has.
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  /// One connection.
  final class Peer {
    final Socket socket;
    final int number;
    private final FrameDecoder decoder = FrameDecoder.forClientFrames();

    private Peer(Socket socket, int number) {
      this.socket = socket;
      this.number = number;
    }

    /// Upgrade and handshake.
    void admit() throws Exception {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) socket.getInputStream().read());
      }
      write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      write(new Frame.ServerKey(key.publicKey()));
      Frame.ClientInfo client = (Frame.ClientInfo) read();
      ByteBuf out = Unpooled.buffer();
      FrameWriter.writeServerInfo(
          out, SharedBox.between(key, client.clientKey()).sealWithRandomNonce(info.toJson()));
      write(ByteBufUtil.getBytes(out));
    }

    void write(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
    }

    void write(Frame... all) throws IOException {
      ByteBuf out = Unpooled.buffer();
      for (Frame frame : all) {
        FrameWriter.writeFrame(out, frame);
      }
      write(ByteBufUtil.getBytes(out));
    }

    Frame read() throws Exception {
      byte[] one = new byte[1];
      while (socket.getInputStream().read(one) > 0) {
        Frame frame = decoder.next(Unpooled.wrappedBuffer(one));
        if (frame != null) {
          return frame;
        }
      }
      throw new IOException("closed");
    }

    /// Notes all frames until the client goes.
    void listen() throws Exception {
      while (true) {
        frames.add(read());
      }
    }
  }
}
