package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.mesh.MeshConfig;
import dev.derp4j.mesh.MeshTarget;
import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Source;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.DerpTestOptions;
import dev.derp4j.testkit.TestCertificates;
import dev.derp4j.testkit.TestIdentity;
import dev.derp4j.testkit.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// How a relay is told of its region, and what can be told anew while it runs.
@Timeout(180)
class DerpRelayMeshSetupTest {
  private static final MeshKey OLD = MeshKey.parse("1".repeat(64));
  private static final MeshKey NEW = MeshKey.parse("2".repeat(64));

  @TempDir Path directory;

  /// What a test changes instead of a file.
  private static final class Changing<T> implements Source<T> {
    private volatile T value;

    Changing(T value) {
      this.value = value;
    }

    @Override
    public T read() throws ReloadException {
      return value;
    }

    @Override
    public Collection<Path> files() {
      return List.of();
    }
  }

  private static MeshConfig mesh(Source<List<MeshKey>> keys, Source<List<MeshTarget>> targets) {
    return new MeshConfig(keys, targets, TestRegion.FAST);
  }

  private static TestRelay start(Source<List<MeshKey>> keys, Source<List<MeshTarget>> targets) {
    return TestRelay.start(Wiring.plain(), config -> config.mesh(mesh(keys, targets)));
  }

  private static MeshTarget plain(TestRelay relay) {
    return MeshTarget.parse("http://127.0.0.1:" + relay.address().getPort());
  }

  private static long connected(TestRelay relay) {
    return relay.relay().neighbours().stream()
        .filter(one -> one.state() == NeighbourStatus.State.CONNECTED)
        .count();
  }

  @Test
  void aListWithoutAKeyEndsTheStartInOneLine() {
    RelayConfig config =
        TestRelay.config(Wiring.plain())
            .mesh(mesh(Source.fixed(List.of()), Source.fixed(List.of(MeshTarget.parse("a.test")))))
            .build();
    assertThatThrownBy(() -> DerpRelay.start(config))
        .isInstanceOf(RelayStartException.class)
        .hasMessage("-mesh-with requires a mesh key: give -mesh-psk-file");
  }

  @Test
  void neighboursComeAndGoWithTheListAndThoseThatStayNoticeNothing() throws IOException {
    Source<List<MeshKey>> key = Source.fixed(List.of(OLD));
    try (TestRelay one = start(key, Source.fixed(List.of()));
        TestRelay two = start(key, Source.fixed(List.of()));
        DerpTestClient bob = one.connect()) {
      Changing<List<MeshTarget>> list = new Changing<>(List.of(plain(one)));
      try (TestRelay relay = start(key, list)) {
        eventually(() -> assertThat(connected(relay)).isEqualTo(1));
        list.value = List.of(plain(one), plain(two));
        relay.relay().reload();
        eventually(() -> assertThat(connected(relay)).isEqualTo(2));
        assertThat(relay.relay().neighbours()).allMatch(neighbour -> neighbour.connects() == 1);
        eventually(() -> assertThat(relay.relay().registry().find(bob.publicKey())).isNotNull());
        list.value = List.of(plain(two));
        relay.relay().reload();
        eventually(
            () -> {
              assertThat(relay.relay().neighbours())
                  .singleElement()
                  .extracting(NeighbourStatus::name)
                  .isEqualTo(plain(two).text());
              assertThat(relay.relay().registry().find(bob.publicKey())).isNull();
            });
      }
    }
  }

  @Test
  void duringARotationBothKeysAreAcceptedAndConnectionsStay() throws IOException {
    Changing<List<MeshKey>> keys = new Changing<>(List.of(OLD));
    try (TestRelay relay = start(keys, Source.fixed(List.of()));
        DerpTestClient before = peer(relay, OLD)) {
      watchesNobodyButItself(before);
      keys.value = List.of(OLD, NEW);
      relay.relay().reload();
      eventually(
          () -> {
            try (DerpTestClient fresh = peer(relay, NEW)) {
              fresh.watch();
              fresh.skipTo(Frame.PeerPresent.class, Duration.ofSeconds(5));
            }
          });
      keys.value = List.of(NEW);
      relay.relay().reload();
      eventually(
          () -> {
            try (DerpTestClient late = peer(relay, OLD)) {
              late.watch();
              late.expectClosed(Duration.ofSeconds(5));
            }
          });
      // It came with the old key when that was good.
      before.ping(7);
      assertThat(before.skipTo(Frame.Pong.class, Eventually.LIMIT).data()).isEqualTo(7);
    }
  }

  private static void watchesNobodyButItself(DerpTestClient peer) throws IOException {
    peer.watch();
    assertThat(peer.expect(Frame.PeerPresent.class).peer()).isEqualTo(peer.publicKey());
  }

  private static DerpTestClient peer(TestRelay relay, MeshKey key) throws IOException {
    return relay.connect(new DerpTestOptions().meshKey(key).waitLimit(Eventually.LIMIT));
  }

  @Test
  void aNeighbourWithAnotherMeshKeyIsTriedAgainAndTold() throws IOException {
    try (TestRelay one = start(Source.fixed(List.of(OLD)), Source.fixed(List.of()));
        TestRelay relay = start(Source.fixed(List.of(NEW)), Source.fixed(List.of(plain(one))))) {
      eventually(
          () ->
              assertThat(relay.relay().neighbours().getFirst())
                  .satisfies(
                      neighbour -> {
                        assertThat(neighbour.connects()).isGreaterThan(1);
                        assertThat(neighbour.lastError()).isPresent();
                        assertThat(neighbour.keys()).isZero();
                      }));
    }
  }

  @Test
  void neighboursTalkOverTlsWithACertificateForTheirHost() throws Exception {
    TestCertificates authority = TestCertificates.create();
    authority.issue(TestRelay.HOST).writeTo(directory, TestRelay.HOST, TestIdentity.KeyForm.PKCS8);
    Path roots = directory.resolve("roots.pem");
    Files.writeString(
        roots,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(authority.certificate().getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    RelayConfig first = overTls(roots, List.of());
    try (DerpRelay one = DerpRelay.start(first)) {
      int port = one.derpAddress().getPort();
      List<MeshTarget> targets =
          List.of(
              MeshTarget.parse(TestRelay.HOST + ":" + port + "/127.0.0.1"),
              MeshTarget.parse("other.test:" + port + "/127.0.0.1"));
      try (DerpRelay two = DerpRelay.start(overTls(roots, targets));
          DerpTestClient alice = client(two, authority);
          DerpTestClient bob = client(one, authority)) {
        TestRegion.talk(alice, bob);
        assertThat(two.neighbours())
            .filteredOn(neighbour -> neighbour.name().startsWith("other.test"))
            .singleElement()
            .satisfies(
                neighbour -> {
                  assertThat(neighbour.connects()).isZero();
                  assertThat(neighbour.lastError().orElse("")).contains("tls:");
                });
      }
    }
  }

  private RelayConfig overTls(Path roots, List<MeshTarget> targets) {
    return RelayConfig.builder(NodePrivateKey.generate())
        .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .stun(false)
        .eventLoops(2)
        .hostname(TestRelay.HOST)
        .certificate(directory, TestRelay.HOST)
        .environment(Map.of("SSL_CERT_FILE", roots.toString()))
        .mesh(mesh(Source.fixed(List.of(OLD)), Source.fixed(targets)))
        .build();
  }

  private static DerpTestClient client(DerpRelay relay, TestCertificates authority)
      throws IOException {
    return DerpTestClient.connect(
        relay.derpAddress(),
        new DerpTestOptions()
            .tls(TlsSettings.verifying(authority.trust(), TestRelay.HOST))
            .waitLimit(Eventually.LIMIT));
  }

  @Test
  void aNameStandsForAllItsAddresses() {
    Source<List<MeshTarget>> list = Source.fixed(List.of(MeshTarget.parse("dns:localhost:9")));
    try (TestRelay relay = start(Source.fixed(List.of(OLD)), list)) {
      eventually(
          () ->
              assertThat(relay.relay().neighbours())
                  .isNotEmpty()
                  .extracting(NeighbourStatus::name)
                  .contains("localhost/127.0.0.1"));
    }
  }

  @Test
  void thePagesTellOfTheMesh() throws IOException {
    Source<List<MeshKey>> key = Source.fixed(List.of(OLD));
    try (TestRelay one = start(key, Source.fixed(List.of()));
        TestRelay relay = start(key, Source.fixed(List.of(plain(one))))) {
      eventually(() -> assertThat(connected(relay)).isEqualTo(1));
      assertThat(page(relay, "/debug/mesh"))
          .contains("200 OK", "text/html", plain(one).text(), "connected for");
      assertThat(page(relay, "/debug/mesh?format=json"))
          .contains("application/json", "\"state\":\"connected\"");
      assertThat(page(relay, "/debug/mesh?format=xml")).contains("400 Bad Request");
      assertThat(page(relay, "/debug/check"))
          .contains("200 OK", "\r\n\r\nderp.Server ConsistencyCheck okay");
      assertThat(page(relay, "/debug/")).contains("/debug/mesh", "/debug/check");
      assertThat(relay.varz().get("derp4j_mesh_connected{neighbour=\"" + plain(one).text() + "\"}"))
          .isEqualTo(1);
    }
  }

  private static String page(TestRelay relay, String path) throws IOException {
    try (var connection = relay.open()) {
      connection.write("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      return new String(
          connection.readUntilClosed(Eventually.LIMIT), java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
