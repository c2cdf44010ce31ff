package dev.derp4j.client.dial;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.HandshakeException;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/// A server of a test's own making: each connection is a blocking conversation on a virtual thread.
final class StubServer implements AutoCloseable {
  /// What it does with a connection; the connection is closed when it returns.
  @FunctionalInterface
  interface Conversation {
    void run(Peer peer) throws IOException, ProtocolException, HandshakeException;
  }

  private final ServerSocket listener;
  private final Conversation conversation;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  final List<String> heads = new CopyOnWriteArrayList<>();
  final List<Throwable> failures = new CopyOnWriteArrayList<>();

  private StubServer(ServerSocket listener, Conversation conversation) {
    this.listener = listener;
    this.conversation = conversation;
    Thread.ofVirtual().start(this::acceptAll);
  }

  static StubServer plain(Conversation conversation) throws IOException {
    return plain(InetAddress.getByName("127.0.0.1"), conversation);
  }

  static StubServer plain(InetAddress address, Conversation conversation) throws IOException {
    return new StubServer(new ServerSocket(0, 50, address), conversation);
  }

  static StubServer tls(SSLContext context, Conversation conversation) throws IOException {
    return new StubServer(
        context
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")),
        conversation);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  int port() {
    return listener.getLocalPort();
  }

  DerpEndpoint endpoint() {
    return DerpEndpoint.of(address().getAddress().getHostAddress(), port());
  }

  int openConnections() {
    return open.size();
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      conversation.run(new Peer(this, socket));
    } catch (Exception | AssertionError e) {
      failures.add(e);
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

  /// The server's end of one connection.
  static final class Peer {
    final Socket socket;
    private final StubServer server;
    private final FrameDecoder decoder = FrameDecoder.forClientFrames();

    private Peer(StubServer server, Socket socket) {
      this.server = server;
      this.socket = socket;
    }

    /// Reads an HTTP head and not a byte more.
    String head() throws IOException {
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("closed within the head");
        }
        head.append((char) next);
      }
      server.heads.add(head.toString());
      return head.toString();
    }

    void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    }

    void write(Frame... frames) throws IOException {
      write(bytes(frames));
    }

    static byte[] bytes(Frame... frames) {
      ByteBuf out = Unpooled.buffer();
      for (Frame frame : frames) {
        FrameWriter.writeFrame(out, frame);
      }
      return ByteBufUtil.getBytes(out);
    }

    Frame read() throws IOException, ProtocolException {
      byte[] one = new byte[1];
      while (socket.getInputStream().read(one) > 0) {
        Frame frame = decoder.next(Unpooled.wrappedBuffer(one));
        if (frame != null) {
          return frame;
        }
      }
      throw new IOException("closed");
    }

    /// Reads ClientInfo, answers with ServerInfo and, in the same write, the frames.
    ClientInfo admit(NodePrivateKey own, Frame... behind)
        throws IOException, ProtocolException, HandshakeException {
      Frame.ClientInfo info = (Frame.ClientInfo) read();
      SharedBox box = SharedBox.between(own, info.clientKey());
      ClientInfo client =
          ClientInfo.parse(Objects.requireNonNull(box.open(info.nonce(), info.box())));
      ByteBuf out = Unpooled.buffer();
      FrameWriter.writeServerInfo(out, box.sealWithRandomNonce(ServerInfo.plain().toJson()));
      out.writeBytes(bytes(behind));
      write(ByteBufUtil.getBytes(out));
      return client;
    }

    /// Sends back the packets of a client until it goes.
    void echo() throws IOException, ProtocolException {
      while (true) {
        if (read() instanceof Frame.SendPacket packet) {
          write(new Frame.RecvPacket(packet.destination(), packet.payload()));
        }
      }
    }

    /// Waits until the client closes.
    void awaitClose() throws IOException {
      while (socket.getInputStream().read() >= 0) {
        // what comes does not matter
      }
    }
  }
}
