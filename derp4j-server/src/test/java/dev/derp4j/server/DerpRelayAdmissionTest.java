package dev.derp4j.server;

import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.admission.FakeController;
import dev.derp4j.admission.FakeTailscaled;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.DerpTestOptions;
import dev.derp4j.testkit.RawConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Who may come in, over real sockets.
class DerpRelayAdmissionTest {
  @TempDir Path directory;

  @AutoClose private final CapturedLog log = new CapturedLog();

  @Test
  void bannedAppNamesAreTurnedAwayAndCountedAndMeshPeersAreNot() throws Exception {
    MeshKey meshKey = MeshKey.generate();
    AdmissionConfig ban = AdmissionConfig.NONE.withDisallowedAppNames(Set.of("tool"));
    try (TestRelay relay =
            TestRelay.start(Wiring.overTls(), config -> config.admission(ban).meshKey(meshKey));
        DerpTestClient other = relay.connect(relay.options().appName("other"));
        DerpTestClient peer = relay.connect(relay.options().appName("tool").meshKey(meshKey))) {
      assertThatThrownBy(() -> relay.connect(relay.options().appName("tool")))
          .isInstanceOf(AssertionError.class);
      eventually(() -> assertThat(relay.closed(CloseReason.NOT_ADMITTED)).isEqualTo(1));
      Packets.pass(other, peer, Packets.numbered(1, 100));
      Varz varz = relay.varz();
      assertThat(varz.get("derp4j_admission_total{reason=\"app_name\",verdict=\"rejected\"}"))
          .isEqualTo(1);
      assertThat(varz.get("derp4j_admission_total{reason=\"no_objection\",verdict=\"admitted\"}"))
          .isEqualTo(1);
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.matches(
                      "derp: 127\\.0\\.0\\.1:\\d+: client nodekey:[0-9a-f]{64} rejected:"
                          + " disallowed app name \"tool\""));
    }
  }

  @Test
  void withoutAnyRuleNothingIsDecidedOrCounted() throws Exception {
    try (TestRelay relay = TestRelay.start(Wiring.plain());
        DerpTestClient client = relay.connect(relay.options().appName("tool"))) {
      Packets.pass(client, client, Packets.numbered(1, 100));
      assertThat(relay.varz().values().keySet())
          .noneMatch(name -> name.startsWith("derp4j_admission_total"));
      assertThat(relay.value(Metric.DERP_ACCEPTS)).isEqualTo(1);
    }
  }

  @Test
  void onlyTheKeysOfTheFileComeInAndTheFileIsReadAgain() throws Exception {
    NodePrivateKey alice = NodePrivateKey.generate();
    NodePrivateKey bob = NodePrivateKey.generate();
    Path file = Files.writeString(directory.resolve("keys"), "# mine\n" + alice.publicKey() + "\n");
    try (TestRelay relay =
            TestRelay.start(
                Wiring.plain(),
                config -> config.admission(AdmissionConfig.NONE.withAllowKeysFile(file)));
        DerpTestClient first = relay.connect(relay.options().key(alice))) {
      assertRejected(relay, relay.options().key(bob), "not in " + file);

      Files.writeString(file, bob.publicKey() + " # now Bob\n");
      relay.relay().reload();
      first.expectClosed(Eventually.LIMIT);
      eventually(
          () ->
              assertThat(log.lines())
                  .contains(
                      "derper: allowed keys: 1 added, 1 removed, 1 in all; clients disconnected: 1"));
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.endsWith("client " + alice.publicKey() + " disconnected: not in " + file));
      relay.connect(relay.options().key(bob)).close();

      Files.writeString(file, "nodekey:oops\n");
      relay.relay().reload();
      eventually(
          () ->
              assertThat(log.lines())
                  .anyMatch(
                      line ->
                          line.startsWith("derper: allowed keys not reloaded: " + file + ":1: ")));
      relay.connect(relay.options().key(bob)).close();
    }
  }

  @Test
  void limitsBehindAKeyReachAClientThatIsConnectedAndLeaveItAgain() throws Exception {
    NodePrivateKey alice = NodePrivateKey.generate();
    Path file = Files.writeString(directory.resolve("keys"), alice.publicKey().toString());
    try (TestRelay relay =
            TestRelay.start(
                Wiring.overTls(),
                config -> config.admission(AdmissionConfig.NONE.withAllowKeysFile(file)));
        DerpTestClient client = relay.connect(relay.options().key(alice))) {
      packets(client, 10);
      assertThat(relay.value(Metric.DERP_RATE_LIMIT_PER_CLIENT_WAITED)).isZero();

      Files.writeString(file, alice.publicKey() + " rate=200k");
      relay.relay().reload();
      String said = "1 with other limits, 1 in all; clients disconnected: 0";
      eventually(() -> assertThat(log.lines()).anyMatch(line -> line.endsWith(said)));
      packets(client, 10);
      long waited = relay.value(Metric.DERP_RATE_LIMIT_PER_CLIENT_WAITED);
      assertThat(waited).isPositive();

      Files.writeString(file, alice.publicKey().toString());
      log.clear();
      relay.relay().reload();
      eventually(() -> assertThat(log.lines()).anyMatch(line -> line.endsWith(said)));
      packets(client, 100);
      assertThat(relay.value(Metric.DERP_RATE_LIMIT_PER_CLIENT_WAITED)).isEqualTo(waited);
    }
  }

  private static void packets(DerpTestClient client, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Packets.pass(client, client, Packets.numbered(i, 20_000));
    }
  }

  @Test
  void aFileThatChangesIsReadByItself() throws Exception {
    NodePrivateKey alice = NodePrivateKey.generate();
    Path file = Files.writeString(directory.resolve("denied"), "");
    try (TestRelay relay =
            TestRelay.start(
                Wiring.plain(),
                config -> config.admission(AdmissionConfig.NONE.withDenyKeysFile(file)));
        DerpTestClient client = relay.connect(relay.options().key(alice))) {
      Files.writeString(file, alice.publicKey().toString());
      client.expectClosed(Eventually.LIMIT);
      assertRejected(relay, relay.options().key(alice), "denied in " + file);
    }
  }

  @Test
  void aKeyFileThatIsNoGoodKeepsTheRelayFromStarting() throws Exception {
    Path file = Files.writeString(directory.resolve("keys"), "x");
    RelayConfig config =
        TestRelay.config(Wiring.plain())
            .admission(AdmissionConfig.NONE.withAllowKeysFile(file))
            .build();
    assertThatThrownBy(() -> DerpRelay.start(config))
        .isInstanceOf(RelayStartException.class)
        .hasMessageStartingWith(file + ":1: ");
  }

  @Test
  void tailscaledDecidesAndAnAllowedKeyNeedNotBeAskedAbout() throws Exception {
    NodePrivateKey alice = NodePrivateKey.generate();
    NodePrivateKey bob = NodePrivateKey.generate();
    NodePrivateKey listed = NodePrivateKey.generate();
    Path file = Files.writeString(directory.resolve("keys"), listed.publicKey().toString());
    try (FakeTailscaled tailscaled =
            new FakeTailscaled(
                request ->
                    FakeTailscaled.http(
                        request.contains(alice.publicKey().toString()) ? 200 : 404, ""));
        TestRelay relay =
            TestRelay.start(
                Wiring.overTls(),
                config ->
                    config.admission(
                        AdmissionConfig.NONE
                            .withTailscaled(tailscaled.socket())
                            .withAllowKeysFile(file)));
        DerpTestClient known = relay.connect(relay.options().key(alice));
        DerpTestClient allowed = relay.connect(relay.options().key(listed))) {
      Packets.pass(known, allowed, Packets.numbered(1, 1000));
      assertThat(tailscaled.requests()).hasSize(1);
      assertRejected(relay, relay.options().key(bob), "unknown to the local tailscaled");

      Files.writeString(file, "");
      allowed.expectClosed(Eventually.LIMIT);
      eventually(() -> assertThat(tailscaled.requests()).hasSize(3));
      known.ping(1);
    }
  }

  @Test
  void theConsistencyCheckFailsWhereTheOwnNodeWouldBeRejected() throws Exception {
    String own = NodePrivateKey.generate().publicKey().toString();
    try (FakeTailscaled tailscaled =
            new FakeTailscaled(
                request ->
                    request.contains("/status")
                        ? FakeTailscaled.http(200, "{\"Self\":{\"PublicKey\":\"" + own + "\"}}")
                        : FakeTailscaled.http(404, ""));
        TestRelay relay =
            TestRelay.start(
                Wiring.plain(),
                config ->
                    config.admission(AdmissionConfig.NONE.withTailscaled(tailscaled.socket())));
        RawConnection asking = relay.open()) {
      asking.write("GET /debug/check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assertThat(asking.readHead(Eventually.LIMIT)).startsWith("HTTP/1.1 500 ");
      assertThat(new String(asking.readUntilClosed(Eventually.LIMIT), StandardCharsets.UTF_8))
          .contains("the node of this machine would be rejected");
      tailscaled.answer(
          request -> FakeTailscaled.http(200, "{\"Self\":{\"PublicKey\":\"" + own + "\"}}"));
      try (RawConnection again = relay.open()) {
        again.write("GET /debug/check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(again.readHead(Eventually.LIMIT)).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @Test
  void aControllerThatChangesItsMindIsHeededAndOneThatIsAwayCutsNobodyOff() throws Exception {
    NodePrivateKey alice = NodePrivateKey.generate();
    FakeController controller = new FakeController();
    AdmissionConfig asked =
        AdmissionConfig.NONE.withControllers(
            new AdmissionConfig.Controllers(
                List.of(controller.url()), false, Duration.ofHours(1), Duration.ofMillis(20)),
            Map.of());
    try (TestRelay relay = TestRelay.start(Wiring.plain(), config -> config.admission(asked));
        DerpTestClient client = relay.connect(relay.options().key(alice))) {
      eventually(() -> assertThat(controller.questions()).hasSizeGreaterThan(2));
      int port = controller.url().getPort();
      controller.close();
      relay.connect(relay.options().key(alice)).close();
      assertRejected(relay, relay.options(), "admission controller unreachable: ");
      client.ping(1);
      try (FakeController back = new FakeController(port)) {
        eventually(() -> assertThat(back.questions()).isNotEmpty());
        back.answer(200, "{\"Allow\":false}");
        client.expectClosed(Eventually.LIMIT);
      }
      assertThat(log.lines())
          .anyMatch(line -> line.endsWith("disconnected: admission controller: not allowed"));
    }
  }

  @Test
  void aRelayThatIsOpenToEverybodySaysSo() throws Exception {
    TestRelay.start(Wiring.plain()).close();
    assertThat(log.lines()).noneMatch(line -> line.contains("open to everybody"));
    Path file = Files.writeString(directory.resolve("keys"), "");
    InetSocketAddress everywhere = new InetSocketAddress(0);
    TestRelay.start(
            Wiring.plain(),
            config ->
                config.listen(everywhere).admission(AdmissionConfig.NONE.withAllowKeysFile(file)))
        .close();
    assertThat(log.lines()).noneMatch(line -> line.contains("open to everybody"));
    TestRelay.start(Wiring.plain(), config -> config.listen(everywhere)).close();
    assertThat(log.lines())
        .anyMatch(line -> line.startsWith("derper: WARNING: this relay is open"));
  }

  private void assertRejected(TestRelay relay, DerpTestOptions options, String why) {
    long before = relay.closed(CloseReason.NOT_ADMITTED);
    assertThatThrownBy(() -> relay.connect(options)).isInstanceOf(AssertionError.class);
    eventually(() -> assertThat(relay.closed(CloseReason.NOT_ADMITTED)).isEqualTo(before + 1));
    assertThat(log.lines()).anyMatch(line -> line.contains(" rejected: " + why));
  }
}
