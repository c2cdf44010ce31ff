package dev.derp4j.testkit;

import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a [DerpTestClient] connects and what it says of itself. Without a call it is a plain client
/// of its own fresh key over TCP without TLS, which asks for the upgrade as stock clients do.
///
/// Every method changes this object and returns it. Use one per client: two with the same options
/// have the same key, which is right only for tests of that.
public final class DerpTestOptions {
  private @Nullable TlsSettings tls;
  private int receiveBuffer;
  private String path = "/derp";
  private @Nullable String upgrade = "DERP";
  private boolean fastStart;
  private @Nullable NodePublicKey serverKey;
  private byte[] pipelined = {};
  private final List<String> headers = new ArrayList<>();
  private NodePrivateKey key = NodePrivateKey.generate();
  private ClientInfo info = ClientInfo.plain();
  private Duration waitLimit = Duration.ofSeconds(10);

  /// Speaks TLS.
  public DerpTestOptions tls(TlsSettings settings) {
    this.tls = settings;
    return this;
  }

  /// Has about so many bytes of receive buffer, so that a client that does not read blocks its
  /// server sooner.
  public DerpTestOptions receiveBuffer(int bytes) {
    this.receiveBuffer = bytes;
    return this;
  }

  /// Asks for another path than `/derp`.
  public DerpTestOptions path(String requestPath) {
    this.path = requestPath;
    return this;
  }

  /// Sends another `Upgrade` header, or none.
  public DerpTestOptions upgrade(@Nullable String value) {
    this.upgrade = value;
    return this;
  }

  /// Sends one more request header.
  public DerpTestOptions header(String name, String value) {
    headers.add(name + ": " + value);
    return this;
  }

  /// Asks the server to leave out its HTTP response.
  public DerpTestOptions fastStart() {
    this.fastStart = true;
    return this;
  }

  /// Knows the server's key already and so sends ClientInfo in one write with the request, as stock
  /// clients do with fast start.
  public DerpTestOptions knownServerKey(NodePublicKey known) {
    this.serverKey = known;
    return this;
  }

  /// With a [#knownServerKey]: sends these bytes too in that first write, behind ClientInfo.
  public DerpTestOptions pipelined(byte[] bytes) {
    this.pipelined = bytes;
    return this;
  }

  /// Has this key.
  public DerpTestOptions key(NodePrivateKey privateKey) {
    this.key = privateKey;
    return this;
  }

  /// Says exactly this of itself.
  public DerpTestOptions info(ClientInfo clientInfo) {
    this.info = clientInfo;
    return this;
  }

  /// Shows a mesh key.
  public DerpTestOptions meshKey(MeshKey meshKey) {
    return info(
        new ClientInfo(
            info.version(),
            info.canAckPings(),
            info.isProber(),
            info.appName(),
            Optional.of(meshKey)));
  }

  /// Gives a name, valid or not.
  public DerpTestOptions appName(String name) {
    return info(
        new ClientInfo(info.version(), info.canAckPings(), info.isProber(), name, info.meshKey()));
  }

  /// Says that it is a prober.
  public DerpTestOptions prober() {
    return info(
        new ClientInfo(info.version(), info.canAckPings(), true, info.appName(), info.meshKey()));
  }

  /// Waits so long for each thing that it waits for and that has no limit of its own; 10 s by
  /// default.
  public DerpTestOptions waitLimit(Duration limit) {
    this.waitLimit = limit;
    return this;
  }

  RawConnection open(InetSocketAddress address) throws IOException {
    return tls == null
        ? RawConnection.connect(address, receiveBuffer)
        : RawConnection.connect(address, receiveBuffer, tls);
  }

  byte[] requestFollowedBy(byte[] introduction) {
    StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\n");
    head.append("Host: ").append(hostName()).append("\r\n");
    if (upgrade != null) {
      head.append("Upgrade: ").append(upgrade).append("\r\nConnection: Upgrade\r\n");
    }
    if (fastStart) {
      head.append("Derp-Fast-Start: 1\r\n");
    }
    headers.forEach(header -> head.append(header).append("\r\n"));
    head.append("\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    all.writeBytes(introduction);
    all.writeBytes(pipelined);
    return all.toByteArray();
  }

  private String hostName() {
    String name = tls == null ? null : tls.serverName();
    return name == null ? "derp.test" : name;
  }

  boolean isFastStart() {
    return fastStart;
  }

  @Nullable NodePublicKey serverKey() {
    return serverKey;
  }

  NodePrivateKey key() {
    return key;
  }

  ClientInfo info() {
    return info;
  }

  Duration waitLimit() {
    return waitLimit;
  }
}
