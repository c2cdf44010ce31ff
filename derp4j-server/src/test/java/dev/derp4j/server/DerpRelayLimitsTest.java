package dev.derp4j.server;

import dev.derp4j.limits.AcceptLimit;
import dev.derp4j.limits.LimitsConfig;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.RawConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// How many and how fast, over real sockets.
class DerpRelayLimitsTest {
  @TempDir Path directory;

  @AutoClose private final CapturedLog log = new CapturedLog();

  @ParameterizedTest
  @MethodSource("dev.derp4j.server.DerpRelayLifeTest#nativeAndJava")
  void beyondTheAcceptLimitConnectionsAreClosedAndCountedAndTheRelayGoesOn(Wiring wiring)
      throws Exception {
    LimitsConfig three = LimitsConfig.STANDARD.withAccepts(new AcceptLimit(1e-6, 3));
    try (TestRelay relay = TestRelay.start(wiring, config -> config.limits(three));
        DerpTestClient first = relay.connect();
        DerpTestClient second = relay.connect()) {
      relay.openTcp().close();
      for (int i = 0; i < 5; i++) {
        try (RawConnection refused = relay.openTcp()) {
          assertThat(refused.readUntilClosed(Eventually.LIMIT)).isEmpty();
        }
      }
      eventually(() -> assertThat(relay.closed(CloseReason.ACCEPT_LIMIT)).isEqualTo(5));
      assertThat(relay.value(Metric.TLS_LISTENER_REJECTED_CONNECTIONS)).isEqualTo(5);
      Packets.pass(first, second, Packets.numbered(1, 1000));
    }
  }

  @Test
  void theRateFileHoldsIsReadAgainAndABadOneChangesNothing() throws Exception {
    Path file =
        Files.writeString(directory.resolve("r"), "{\"PerClientRateLimitBytesPerSec\":50000}");
    try (TestRelay relay =
            TestRelay.start(
                Wiring.overTls(),
                config -> config.limits(LimitsConfig.STANDARD.withRateFile(file)));
        DerpTestClient from = relay.connect();
        DerpTestClient to = relay.connect()) {
      assertThat(log.lines())
          .contains("rate config applied: client-rate=50000 bytes/sec, client-burst=65568 bytes");
      Varz before = relay.varz();
      assertThat(before.get("derp_rate_limit_per_client_bytes_per_second")).isEqualTo(50_000);
      assertThat(before.get("derp_rate_limit_per_client_burst_bytes")).isEqualTo(65_568);
      for (int i = 0; i < 3; i++) {
        from.send(to.publicKey(), Packets.numbered(i, 40_000));
      }
      for (int i = 0; i < 3; i++) {
        Packets.expect(to, from.publicKey(), Packets.numbered(i, 40_000));
      }
      eventually(
          () -> assertThat(relay.value(Metric.DERP_RATE_LIMIT_PER_CLIENT_WAITED)).isPositive());

      Files.writeString(file, "{\"PerClientRateLimitBytesPerSec\":-1}");
      relay.relay().reload();
      eventually(
          () ->
              assertThat(log.lines())
                  .anyMatch(line -> line.startsWith("derper: rate config reload failed: ")));
      assertThat(relay.varz().get("derp_rate_limit_per_client_bytes_per_second")).isEqualTo(50_000);

      Files.writeString(file, "{}");
      relay.relay().reload();
      eventually(
          () -> assertThat(log.lines()).contains("derper: rate config reloaded successfully"));
      assertThat(relay.varz().get("derp_rate_limit_per_client_bytes_per_second")).isZero();
      for (int i = 0; i < 100; i++) {
        Packets.pass(from, to, Packets.numbered(i, 60_000));
      }
    }
  }

  @Test
  void aBadRateFileEndsTheStartAndWithoutOneThereAreNoMetricsOfIt() throws Exception {
    Path file = Files.writeString(directory.resolve("r"), "[]");
    assertThatThrownBy(
            () ->
                DerpRelay.start(
                    TestRelay.config(Wiring.plain())
                        .limits(LimitsConfig.STANDARD.withRateFile(file))
                        .build()))
        .isInstanceOf(RelayStartException.class)
        .hasMessage(file + ": no JSON object");
    try (TestRelay relay = TestRelay.start(Wiring.plain())) {
      assertThat(relay.varz().values().keySet()).noneMatch(name -> name.contains("rate_limit"));
    }
  }
}
