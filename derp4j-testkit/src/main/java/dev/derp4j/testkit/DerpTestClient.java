package dev.derp4j.testkit;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.HandshakeException;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A DERP client of plain blocking sockets, from which a test can see and send every byte.
///
/// ```java
/// try (DerpTestClient alice = DerpTestClient.connect(relay, new DerpTestOptions());
///     DerpTestClient bob = DerpTestClient.connect(relay, new DerpTestOptions())) {
///   alice.send(bob.publicKey(), packet);
///   assertThat(bob.expect(Frame.RecvPacket.class).payload()).isEqualTo(packet);
/// }
/// ```
///
/// Nothing is read unless a test asks for it, pings are not answered by themselves, and a frame is
/// read by a client's rules (see [FrameDecoder#forServerFrames()]). Waits that name no limit take
/// that of the options. Not thread-safe, except that one thread may send while another one reads.
public final class DerpTestClient implements AutoCloseable {
  private final DerpTestOptions options;
  private final RawConnection connection;
  private final FrameDecoder decoder = FrameDecoder.forServerFrames();
  private final Queue<Frame> arrived = new ArrayDeque<>();
  private final byte[] buffer = new byte[65536];
  private final String responseHead;
  private final NodePublicKey serverKey;
  private final ServerInfo serverInfo;

  private DerpTestClient(RawConnection connection, DerpTestOptions options) throws IOException {
    this.options = options;
    this.connection = connection;
    NodePublicKey knownKey = options.serverKey();
    byte[] early = knownKey == null ? new byte[0] : introduction(knownKey);
    connection.write(options.requestFollowedBy(early));
    this.responseHead = options.isFastStart() ? "" : upgradeResponse();
    this.serverKey = expect(Frame.ServerKey.class).serverKey();
    if (knownKey == null) {
      connection.write(introduction(serverKey));
    }
    this.serverInfo = opened(expect(Frame.ServerInfo.class));
  }

  /// Connects, upgrades and introduces itself; when this returns, the server has accepted it.
  ///
  /// @throws UpgradeRefusedException if the server answers with another status than 101
  /// @throws IOException if there is no connection to be had
  /// @throws AssertionError if the server closes or says nothing or something else than DERP
  public static DerpTestClient connect(InetSocketAddress address, DerpTestOptions options)
      throws IOException {
    RawConnection connection = options.open(address);
    try {
      return new DerpTestClient(connection, options);
    } catch (IOException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  private String upgradeResponse() throws IOException {
    String head = connection.readHead(options.waitLimit());
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw UpgradeRefusedException.reading(head, connection, options.waitLimit());
    }
    return head;
  }

  private byte[] introduction(NodePublicKey server) {
    byte[] sealed =
        SharedBox.between(options.key(), server).sealWithRandomNonce(options.info().toJson());
    ByteBuf out = Unpooled.buffer();
    FrameWriter.writeClientInfo(out, publicKey(), sealed);
    return ByteBufUtil.getBytes(out);
  }

  private ServerInfo opened(Frame.ServerInfo frame) {
    byte[] json = SharedBox.between(options.key(), serverKey).open(frame.nonce(), frame.box());
    if (json == null) {
      throw new AssertionError("the server's box does not open");
    }
    try {
      return ServerInfo.parse(json);
    } catch (HandshakeException e) {
      throw new AssertionError("the server's info cannot be read", e);
    }
  }

  /// Sends a packet.
  public void send(NodePublicKey destination, byte[] payload) throws IOException {
    write(new Frame.SendPacket(destination, payload));
  }

  /// Sends a packet as one relay of a mesh passes it to another.
  public void forward(NodePublicKey source, NodePublicKey destination, byte[] payload)
      throws IOException {
    write(new Frame.ForwardPacket(source, destination, payload));
  }

  /// Sends a ping; its pong is the test's to read.
  public void ping(long data) throws IOException {
    write(new Frame.Ping(data));
  }

  /// Asks for the region's presence.
  public void watch() throws IOException {
    write(new Frame.WatchConns());
  }

  /// Asks for a peer's connections to be closed.
  public void closePeer(NodePublicKey peer) throws IOException {
    write(new Frame.ClosePeer(peer));
  }

  /// Says whether the relay is this client's home.
  public void notePreferred(boolean preferred) throws IOException {
    write(new Frame.NotePreferred(preferred));
  }

  /// Sends frames in one write.
  public void write(Frame... frames) throws IOException {
    ByteBuf out = Unpooled.buffer();
    for (Frame frame : frames) {
      FrameWriter.writeFrame(out, frame);
    }
    connection.write(ByteBufUtil.getBytes(out));
  }

  /// Sends bytes as they are, in one write.
  public void sendRaw(byte[] bytes) throws IOException {
    connection.write(bytes);
  }

  /// Sends bytes as they are, in pieces of `size` with a pause behind each.
  public void sendRaw(byte[] bytes, int size, Duration pause) throws IOException {
    connection.writeInPieces(bytes, size, pause);
  }

  /// The next frame, or `null` if none comes in time.
  ///
  /// @throws AssertionError if the connection ends, or what comes is no DERP
  public @Nullable Frame poll(Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (arrived.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return null;
      }
      if (!fill(left)) {
        throw new AssertionError("the server closed the connection of " + publicKey().shortText());
      }
    }
    return arrived.remove();
  }

  /// Reads once from the socket; false at its end.
  private boolean fill(long nanoseconds) throws IOException {
    int count = connection.readSome(buffer, nanoseconds);
    if (count > 0) {
      try {
        decoder.decode(Unpooled.wrappedBuffer(buffer, 0, count), arrived::add);
      } catch (ProtocolException e) {
        throw new AssertionError("the server does not speak DERP", e);
      }
    }
    return count >= 0;
  }

  /// The next frame.
  ///
  /// @throws AssertionError if none comes in time
  public Frame read(Duration limit) throws IOException {
    Frame frame = poll(limit);
    if (frame == null) {
      throw new AssertionError("no frame came within " + limit);
    }
    return frame;
  }

  /// The next frame, which has to be of this type.
  ///
  /// @throws AssertionError if another one comes, or none in time
  public <T extends Frame> T expect(Class<T> type, Duration limit) throws IOException {
    Frame frame = read(limit);
    if (!type.isInstance(frame)) {
      throw new AssertionError("expected a " + type.getSimpleName() + " but got " + frame);
    }
    return type.cast(frame);
  }

  /// The next frame, which has to be of this type and come within the options' limit.
  public <T extends Frame> T expect(Class<T> type) throws IOException {
    return expect(type, options.waitLimit());
  }

  /// The next frame of this type; those of other types before it are thrown away.
  public <T extends Frame> T skipTo(Class<T> type, Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      Frame frame = read(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      if (type.isInstance(frame)) {
        return type.cast(frame);
      }
    }
  }

  /// Makes sure that no frame comes for so long.
  public void expectNothing(Duration wait) throws IOException {
    Frame frame = poll(wait);
    if (frame != null) {
      throw new AssertionError("expected nothing but got " + frame);
    }
  }

  /// Waits until the server closes the connection, and returns the frames that came before.
  public List<Frame> expectClosed(Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("the connection is still open after " + limit);
      }
      if (!fill(left)) {
        List<Frame> last = new ArrayList<>(arrived);
        arrived.clear();
        return last;
      }
    }
  }

  /// This client's address in DERP.
  public NodePublicKey publicKey() {
    return options.key().publicKey();
  }

  /// This client's secret.
  public NodePrivateKey privateKey() {
    return options.key();
  }

  /// The server's key, from its greeting.
  public NodePublicKey serverKey() {
    return serverKey;
  }

  /// What the server said of itself.
  public ServerInfo serverInfo() {
    return serverInfo;
  }

  /// The head of the server's answer to the upgrade; empty after a fast start.
  public String responseHead() {
    return responseHead;
  }

  /// The chain that the server showed, leaf first; empty without TLS.
  public List<X509Certificate> peerCertificates() {
    return connection.peerCertificates();
  }

  /// The connection underneath, to be ill-behaved with.
  public RawConnection connection() {
    return connection;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
