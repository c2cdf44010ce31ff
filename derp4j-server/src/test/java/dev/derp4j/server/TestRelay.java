package dev.derp4j.server;

import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.DerpTestOptions;
import dev.derp4j.testkit.RawConnection;
import dev.derp4j.testkit.TestCertificates;
import dev.derp4j.testkit.TestIdentity;
import dev.derp4j.testkit.TlsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/// A whole relay on a loopback port of the system's choice, and the ways to it.
final class TestRelay implements AutoCloseable {
  /// The relay's name in its certificate.
  static final String HOST = "derp.test";

  static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final TestCertificates AUTHORITY = TestCertificates.create();
  private static final SSLContext TRUST = AUTHORITY.trust();
  private static final Path CERTIFICATES = certificates();

  private final Wiring wiring;
  private final DerpRelay relay;

  private TestRelay(Wiring wiring, DerpRelay relay) {
    this.wiring = wiring;
    this.relay = relay;
  }

  private static Path certificates() {
    try {
      Path directory = Files.createTempDirectory("derp4j-certificates");
      AUTHORITY.issue(HOST).writeTo(directory, HOST, TestIdentity.KeyForm.PKCS8);
      directory.toFile().deleteOnExit();
      directory.resolve(HOST + ".crt").toFile().deleteOnExit();
      directory.resolve(HOST + ".key").toFile().deleteOnExit();
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What every relay here begins with: any port of loopback, no STUN.
  static RelayConfig.Builder config(Wiring wiring) {
    RelayConfig.Builder config =
        RelayConfig.builder(NodePrivateKey.generate())
            .listen(ANY_PORT)
            .stun(false)
            .eventLoops(wiring.loops())
            .hostname(HOST);
    return wiring.tls() ? config.certificate(CERTIFICATES, HOST) : config;
  }

  static TestRelay start(Wiring wiring) {
    return start(wiring, _ -> {});
  }

  /// @param changes what differs from [#config]
  static TestRelay start(Wiring wiring, Consumer<RelayConfig.Builder> changes) {
    return start(wiring, PhaseDeadlines.STANDARD, changes);
  }

  static TestRelay start(
      Wiring wiring, PhaseDeadlines deadlines, Consumer<RelayConfig.Builder> changes) {
    RelayConfig.Builder config = config(wiring);
    changes.accept(config);
    try {
      return new TestRelay(wiring, wiring.start(config.build(), deadlines));
    } catch (RelayStartException e) {
      throw new AssertionError("the relay does not start", e);
    }
  }

  DerpRelay relay() {
    return relay;
  }

  InetSocketAddress address() {
    return relay.derpAddress();
  }

  /// How a client with a fresh key gets here.
  DerpTestOptions options() {
    DerpTestOptions options = new DerpTestOptions().waitLimit(Eventually.LIMIT);
    return wiring.tls() ? options.tls(tlsSettings()) : options;
  }

  static TlsSettings tlsSettings() {
    return TlsSettings.verifying(TRUST, HOST);
  }

  DerpTestClient connect() throws IOException {
    return connect(options());
  }

  DerpTestClient connect(DerpTestOptions options) throws IOException {
    return DerpTestClient.connect(address(), options);
  }

  /// A connection on which nothing has been said yet but TLS, where the relay has it.
  RawConnection open() throws IOException {
    return wiring.tls() ? RawConnection.connect(address(), 0, tlsSettings()) : openTcp();
  }

  /// A bare TCP connection, whatever the relay expects.
  RawConnection openTcp() throws IOException {
    return RawConnection.connect(address());
  }

  Varz varz() throws IOException {
    try (RawConnection connection = open()) {
      return Varz.read(connection);
    }
  }

  long value(Metric metric) {
    return relay.metrics().value(metric);
  }

  long closed(CloseReason reason) {
    return relay.metrics().closedCount(reason);
  }

  /// All connections that have ended.
  long closed() {
    return Arrays.stream(CloseReason.values()).mapToLong(this::closed).sum();
  }

  long dropped(DropReason reason) {
    return relay.metrics().dropped(reason, PacketKind.DISCO)
        + relay.metrics().dropped(reason, PacketKind.OTHER);
  }

  /// All packets that were dropped.
  long dropped() {
    return Arrays.stream(DropReason.values()).mapToLong(this::dropped).sum();
  }

  void stop(Duration drain) {
    relay.stop(drain);
  }

  @Override
  public void close() {
    relay.close();
  }
}
