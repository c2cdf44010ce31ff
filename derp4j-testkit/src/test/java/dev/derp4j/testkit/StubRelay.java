package dev.derp4j.testkit;

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
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Just enough of a relay to try the test client on: it takes any introduction, returns packets to
/// their sender, answers pings in two TLS records, and closes when asked to close a peer.
final class StubRelay implements AutoCloseable {
  final NodePrivateKey key = NodePrivateKey.generate();
  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<ClientInfo> introductions = new CopyOnWriteArrayList<>();
  final List<Frame> frames = new CopyOnWriteArrayList<>();

  private final ServerSocket listener;

  StubRelay(@Nullable TestIdentity identity) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    listener =
        identity == null
            ? new ServerSocket(0, 50, loopback)
            : identity.serverContext().getServerSocketFactory().createServerSocket(0, 50, loopback);
    Thread.ofVirtual().start(this::acceptAll);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      String request = head(socket.getInputStream());
      requests.add(request);
      if (!request.contains("\r\nUpgrade: DERP\r\n")) {
        write(
            socket,
            "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 4\r\n\r\nnope"
                .getBytes(StandardCharsets.UTF_8));
        return;
      }
      if (!request.contains("\r\nDerp-Fast-Start: 1\r\n")) {
        write(
            socket,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
      }
      write(socket, new Frame.ServerKey(key.publicKey()));
      FrameDecoder decoder = FrameDecoder.forClientFrames();
      byte[] buffer = new byte[1000];
      for (int count = socket.getInputStream().read(buffer);
          count >= 0;
          count = socket.getInputStream().read(buffer)) {
        decoder.decode(Unpooled.wrappedBuffer(buffer, 0, count), frame -> answer(socket, frame));
      }
    } catch (IOException | ProtocolException | IllegalStateException e) {
      // the connection ends, which is what the tests look at
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    return head.toString();
  }

  private void answer(Socket socket, Frame frame) {
    try {
      frames.add(frame);
      if (frame instanceof Frame.ClientInfo info) {
        SharedBox box = SharedBox.between(key, info.clientKey());
        introductions.add(
            ClientInfo.parse(Objects.requireNonNull(box.open(info.nonce(), info.box()))));
        ByteBuf out = Unpooled.buffer();
        FrameWriter.writeServerInfo(out, box.sealWithRandomNonce(ServerInfo.plain().toJson()));
        write(socket, ByteBufUtil.getBytes(out));
      } else if (frame instanceof Frame.SendPacket packet) {
        write(socket, new Frame.RecvPacket(packet.destination(), packet.payload()));
      } else if (frame instanceof Frame.Ping ping) {
        byte[] pong = bytes(new Frame.Pong(ping.data()));
        write(socket, Arrays.copyOf(pong, 7));
        Thread.sleep(50);
        write(socket, Arrays.copyOfRange(pong, 7, pong.length));
      } else if (frame instanceof Frame.ClosePeer) {
        write(socket, new Frame.KeepAlive());
        socket.close();
      }
    } catch (IOException | HandshakeException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(Frame frame) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.writeFrame(out, frame);
    return ByteBufUtil.getBytes(out);
  }

  private static void write(Socket socket, Frame frame) throws IOException {
    write(socket, bytes(frame));
  }

  private static void write(Socket socket, byte[] bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
