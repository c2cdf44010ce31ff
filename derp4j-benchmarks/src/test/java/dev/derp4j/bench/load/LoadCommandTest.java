package dev.derp4j.bench.load;

import dev.derp4j.bench.Main;
import dev.derp4j.bench.load.report.ConnectReport;
import dev.derp4j.bench.load.report.HalfOpenReport;
import dev.derp4j.bench.load.report.IdleReport;
import dev.derp4j.bench.load.report.KindReport;
import dev.derp4j.bench.load.report.Report;
import dev.derp4j.bench.load.report.Step;
import dev.derp4j.bench.load.report.StunReport;
import dev.derp4j.bench.load.report.TrafficReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
              "--connect-rate",
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
  void aLadderReportsEachRungByItself() throws IOException {
    try (PlainRelay relay = new PlainRelay(10)) {
      List<String> options = List.of("--rates", "500,1000", "--pairs", "3", "--burst", "1-4");
      Report report =
          run(relay, "ladder", with(options, "--warmup", "0", "--duration", "1", "--coalesce"));
      List<Step> steps = Objects.requireNonNull(report.steps());

      assertThat(steps).extracting(Step::offeredPerSecond).containsExactly(500.0, 1000.0);
      for (Step step : steps) {
        TrafficReport traffic = step.traffic();
        assertThat((double) traffic.sent()).isCloseTo(step.offeredPerSecond(), within(300.0));
        assertThat((double) traffic.lost()).isCloseTo(traffic.sent() / 10.0, within(20.0));
        assertThat(traffic.foreign()).isZero();
      }
    }
  }

  @Test
  void aMixTellsDiscoFromTheRest() throws IOException {
    try (PlainRelay relay = new PlainRelay(0, PlainRelay.Drop.DISCO)) {
      List<String> options = List.of("--rate", "2000", "--pairs", "2", "--disco-share", "0.25");
      TrafficReport traffic =
          traffic(run(relay, "open", with(options, "--warmup", "0", "--duration", "1")));
      KindReport disco = Objects.requireNonNull(traffic.disco());
      KindReport data = Objects.requireNonNull(traffic.data());

      assertThat(disco.sent()).isPositive();
      assertThat(disco.lost()).isEqualTo(disco.sent());
      assertThat(data.delivered()).isEqualTo(data.sent());
      assertThat(disco.sent() + data.sent()).isEqualTo(traffic.sent());
    }
  }

  @Test
  void pairsBesideAStormAreCountedInCalmAndInTheStorm() throws IOException {
    try (PlainRelay relay = new PlainRelay(0)) {
      List<String> options = List.of("--rate", "500", "--pairs", "2", "--burst", "1");
      Report report =
          run(
              relay,
              "beside",
              with(options, "--connects", "40", "--warmup", "0", "--duration", "1"));

      assertThat(Objects.requireNonNull(report.connects()).connects()).isEqualTo(40);
      assertThat(Objects.requireNonNull(report.calmDelay()).count()).isPositive();
      assertThat(Objects.requireNonNull(report.delay()).count())
          .isEqualTo(traffic(report).delivered());
    }
  }

  @Test
  void aCrowdThatNeverFinishesIsThereWhilePairsAreCounted() throws IOException {
    try (PlainRelay relay = new PlainRelay(0)) {
      List<String> options = List.of("--rate", "500", "--pairs", "2", "--half-open", "8");
      Report report =
          run(
              relay,
              "beside",
              with(options, "--connects", "10", "--warmup", "0", "--duration", "1"));

      HalfOpenReport crowd = Objects.requireNonNull(report.halfOpen());
      assertThat(crowd.atBegin()).isEqualTo(8);
      assertThat(crowd.atEnd() + crowd.ended()).isGreaterThanOrEqualTo(8);
      assertThat(crowd.failed()).isZero();
      assertThat(traffic(report).lost()).isZero();
    }
  }

  @Test
  void aStormOfANumberOfConnectsMakesSoMany() throws IOException {
    try (PlainRelay relay = new PlainRelay(0)) {
      List<String> options = List.of("--connects", "25", "--warmup", "0", "--rest", "0");
      Report report =
          run(relay, "storm", with(options, "--server-pid", "" + ProcessHandle.current().pid()));

      assertThat(Objects.requireNonNull(report.connects()).connects()).isEqualTo(25);
      assertThat(Objects.requireNonNull(report.storm()).ratio()).isPositive();
    }
  }

  @Test
  void pairsOnTwoServersWaitUntilOneKnowsTheOthersClients() throws IOException {
    try (PlainRelay relay = new PlainRelay(0);
        PlainRelay second = relay.meshed()) {
      List<String> options = List.of("--second-server", second.address(), "--pairs", "3");
      TrafficReport traffic =
          traffic(run(relay, "closed", with(options, "--warmup", "0", "--duration", "1")));

      assertThat(traffic.relayedPackets()).isPositive();
      assertThat(traffic.lost()).isZero();
      assertThat(traffic.foreign()).isZero();
    }
  }

  @Test
  void twoServersThatAreNotMeshedAreAnError() throws IOException {
    try (PlainRelay relay = new PlainRelay(0);
        PlainRelay other = new PlainRelay(0)) {
      List<String> arguments = List.of("load", "closed", "--plain", "--server", relay.address());
      String[] all =
          with(arguments, "--second-server", other.address(), "--pairs", "1", "--await", "1");

      assertThat(complaint(1, all)).contains("are the two servers meshed?");
    }
  }

  @Test
  void everyStunAnswerIsChecked() throws IOException {
    try (StunAnswers server = new StunAnswers(0)) {
      StunReport stun = stun(0, server, "--warmup", "0", "--duration", "1", "--sockets", "3");

      assertThat(stun.answers()).isPositive();
      assertThat(stun.wrong()).isZero();
      assertThat(stun.translated()).isFalse();
    }
    try (StunAnswers liar = new StunAnswers(5)) {
      StunReport stun = stun(1, liar, "--rate", "500", "--warmup", "0", "--duration", "1");

      assertThat(stun.wrong()).isPositive();
      // A loop that comes late catches up; as fast as the answers, it would be tens of thousands.
      assertThat(stun.requests()).isBetween(100L, 1500L);
    }
  }

  private StunReport stun(int expected, StunAnswers server, String... options) throws IOException {
    Path json = directory.resolve("stun.json");
    List<String> arguments = List.of("load", "stun", "--server", server.address(), "--loops", "1");
    int status =
        Main.commandLine()
            .execute(with(List.of(with(arguments, options)), "--json", json.toString()));
    assertThat(status).isEqualTo(expected);
    return Objects.requireNonNull(Report.read(json).stun());
  }

  @Test
  void aNumberThatMakesNoSenseIsRefusedInOneLine() {
    String[][] senseless = {
      {"open", "--rate", "0"},
      {"open", "--burst", "5-2", "--rate", "10"},
      {"closed", "--pairs", "0"},
      {"closed", "--window", "-1"},
      {"closed", "--size", "small"},
      {"closed", "--disco-share", "1.5"},
      {"idle", "--connections", "-5"},
      {"storm", "--at-once", "0"},
      {"closed", "--settle", "true"},
    };
    for (String[] options : senseless) {
      List<String> arguments = new ArrayList<>(List.of("load"));
      arguments.addAll(List.of(options));
      String complaint =
          complaint(1, with(arguments, "--plain", "--server", "127.0.0.1:1", "--await", "0"));
      assertThat(complaint).startsWith("bench: ").hasLineCount(1).contains(options[1]);
    }
    assertThat(complaint(2, "load", "open", "--server", "x:1", "--rate", "fast"))
        .startsWith("bench: ")
        .hasLineCount(1)
        .contains("--rate");
  }

  @Test
  void aServerOnAnotherMachineIsWarnedOf() throws IOException {
    InetAddress elsewhere = InetAddress.getByName("192.0.2.1");
    assertThat(Endpoint.warning(new InetSocketAddress(elsewhere, 443))).contains("attack");
    assertThat(Endpoint.warning(new InetSocketAddress("127.0.0.1", 443))).isEmpty();
  }

  @Test
  void connectionsBeyondALimitOfTheSystemAreRefusedWithItsName() throws IOException {
    Limits.check(1000, 1100, 1100, 1, 1000);
    assertThatThrownBy(() -> Limits.check(1000, 1099, 2000, 1, 1000)).hasMessageContaining("1099");
    assertThatThrownBy(() -> Limits.check(1000, 2000, 999, 1, 1000))
        .hasMessageContaining("in the server");
    assertThatThrownBy(() -> Limits.check(1001, 2000, 2000, 0, 1000))
        .hasMessageContaining("--sources");
  }

  private static String complaint(int status, String... arguments) {
    StringWriter written = new StringWriter();
    CommandLine commands = Main.commandLine().setErr(new PrintWriter(written));
    assertThat(commands.execute(arguments)).as(String.join(" ", arguments)).isEqualTo(status);
    return written.toString().strip();
  }

  private static String[] with(List<String> first, String... more) {
    return Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void aServerThatIsNotThereIsAnError() {
    int status =
        Main.commandLine()
            .setErr(new PrintWriter(Writer.nullWriter()))
            .execute("load", "closed", "--plain", "--server", "127.0.0.1:1", "--await", "0");

    assertThat(status).isEqualTo(1);
  }
}
