package dev.derp4j.bench.load;

import dev.derp4j.bench.Main;
import dev.derp4j.bench.load.report.ConnectReport;
import dev.derp4j.bench.load.report.IdleReport;
import dev.derp4j.bench.load.report.Report;
import dev.derp4j.bench.load.report.TrafficReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/// Every mode for a second against a small relay of ours, over plain HTTP.
class LoadCommandTest {
  @TempDir Path directory;

  private Report run(PlainRelay relay, String mode, String... options) throws IOException {
    Path json = directory.resolve("report.json");
    List<String> arguments =
        new ArrayList<>(
            List.of("load", mode, "--plain", "--server", relay.address(), "--loops", "2"));
    arguments.addAll(List.of("--json", json.toString()));
    arguments.addAll(List.of(options));
    int status = Main.commandLine().execute(arguments.toArray(String[]::new));
    assertThat(status).isZero();
    return Report.read(json);
  }

  private static TrafficReport traffic(Report report) {
    return Objects.requireNonNull(report.traffic());
  }

  @Test
  void aClosedRunLosesNothingWhenTheRelayDoesNot() throws IOException {
    try (PlainRelay relay = new PlainRelay(0)) {
      TrafficReport traffic =
          traffic(run(relay, "closed", "--pairs", "3", "--warmup", "0", "--duration", "1"));

      assertThat(traffic.relayedPackets()).isPositive();
      assertThat(traffic.delivered()).isEqualTo(traffic.sent());
      assertThat(traffic.lost()).isZero();
      assertThat(traffic.reordered()).isZero();
      assertThat(traffic.foreign()).isZero();
    }
  }

  @Test
  void anOpenRunKeepsItsRateAndCountsWhatTheRelayDrops() throws IOException {
    try (PlainRelay relay = new PlainRelay(10)) {
      TrafficReport traffic =
          traffic(
              run(
                  relay,
                  "open",
                  "--pairs",
                  "4",
                  "--rate",
                  "2000",
                  "--burst",
                  "2-6",
                  "--size",
                  "imix",
                  "--warmup",
                  "1",
                  "--duration",
                  "2"));

      assertThat((double) traffic.sent()).isCloseTo(4000, within(1000.0));
      assertThat((double) traffic.lost()).isCloseTo(traffic.sent() / 10.0, within(20.0));
      assertThat(traffic.delivered() + traffic.lost()).isEqualTo(traffic.sent());
      assertThat(traffic.reordered()).isZero();
    }
  }

  @Test
  void aClosedRunGoesOnAfterLosses() throws IOException {
    try (PlainRelay relay = new PlainRelay(7)) {
      TrafficReport traffic =
          traffic(
              run(
                  relay,
                  "closed",
                  "--pairs",
                  "2",
                  "--window",
                  "4",
                  "--coalesce",
                  "--fast-start",
                  "--disco-share",
                  "0.2",
                  "--warmup",
                  "0",
                  "--duration",
                  "2"));

      assertThat(traffic.relayedPackets()).isGreaterThan(100);
      assertThat(traffic.lost()).isPositive();
    }
  }

  @Test
  void aDelayRunRecordsEveryPacketsDelay() throws IOException {
    try (PlainRelay relay = new PlainRelay(0)) {
      Report report =
          run(relay, "delay", "--rate", "500", "--warmup", "0", "--duration", "1", "--spin");

      assertThat(Objects.requireNonNull(report.delay()).count())
          .isEqualTo(traffic(report).delivered());
      assertThat(report.conditions().generator().pacingLag()).isNotNull();
    }
  }

  @Test
  void anIdleRunKeepsItsConnections() throws IOException {
    try (PlainRelay relay = new PlainRelay(0)) {
      Report report = run(relay, "idle", "--connections", "40", "--hold", "1");
      IdleReport idle = Objects.requireNonNull(report.idle());

      assertThat(idle.connections()).isEqualTo(40);
      assertThat(idle.kept()).isEqualTo(40);
      assertThat(idle.keptAlive()).isZero();
    }
  }

  @Test
  void aStormShakesHandsWithEachClient() throws IOException {
    try (PlainRelay relay = new PlainRelay(0)) {
      Report report =
          run(
              relay,
              "storm",
              "--rate",
              "100",
              "--identities",
              "5",
              "--warmup",
              "0",
              "--duration",
              "1",
              "--sources",
              "127.0.0.2-127.0.0.4");
      ConnectReport connects = Objects.requireNonNull(report.connects());

      assertThat(connects.connects()).isBetween(10L, 130L);
      assertThat(connects.failed()).isZero();
    }
  }

  @Test
  void aServerThatIsNotThereIsAnError() {
    int status =
        Main.commandLine()
            .setErr(new java.io.PrintWriter(java.io.Writer.nullWriter()))
            .execute("load", "closed", "--plain", "--server", "127.0.0.1:1", "--await", "0");

    assertThat(status).isEqualTo(1);
  }
}
