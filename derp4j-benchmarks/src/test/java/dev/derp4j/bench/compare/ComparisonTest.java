package dev.derp4j.bench.compare;

import dev.derp4j.bench.Main;
import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.GeneratorReport;
import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.report.Step;
import dev.derp4j.bench.load.report.TrafficReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/// Reads report files as the script `compare` leaves them, the way that it has them read.
class ComparisonTest {
  @TempDir Path directory;

  /// A report as a closed run writes it; the server's processor time is for a million packets.
  private void closed(String name, double cpuSeconds, String limitedBy) throws IOException {
    Files.writeString(
        directory.resolve(name),
        """
        {
          "mode" : "closed",
          "settings" : { "server" : "198.18.0.1:443", "pairs" : 10, "coalesce" : true },
          "seconds" : 10.0,
          "conditions" : {
            "limitedBy" : "%s",
            "generator" : {
              "cpus" : 0.9, "loops" : 1, "busiestLoop" : 0.8, "spinning" : false,
              "loopLag" : { "count" : 1, "p50" : 1, "p90" : 1, "p99" : 1, "p999" : 1, "max" : 1 }
            },
            "server" : {
              "cpuSeconds" : %s, "cpuShare" : 0.99, "processors" : 1,
              "before" : { "rss" : 20000, "pss" : 15000, "uss" : 10000 },
              "after" : { "rss" : 21000, "pss" : 16000, "uss" : 11000 }
            },
            "otherCpus" : 0.01
          },
          "connectionsLost" : 0,
          "traffic" : {
            "relayedPackets" : 1000000, "relayedBytes" : 1280000000,
            "packetsPerSecond" : 100000.0, "megabitsPerSecond" : 1024.0,
            "sent" : 1000000, "delivered" : 1000000, "lost" : 0, "reordered" : 0,
            "duplicated" : 0, "late" : 0, "refused" : 0, "foreign" : 0
          },
          "serverCpuMicros" : %s
        }
        """
            .formatted(limitedBy, cpuSeconds, cpuSeconds));
  }

  private void threeRounds() throws IOException {
    double[] first = {5.0, 5.4, 5.2};
    double[] second = {1.5, 1.3, 1.3};
    for (int round = 1; round <= 3; round++) {
      closed("bulk1280." + round + ".a.json", first[round - 1], "server");
      closed("bulk1280." + round + ".b.json", second[round - 1], "generator");
    }
  }

  private Comparison.Row row(Comparison comparison, String metric) {
    return comparison.rows().stream()
        .filter(row -> row.metric().equals(metric))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void ratioIsThatOfTheMediansAndItsSpreadThatOfTheRounds() throws IOException {
    threeRounds();
    Comparison comparison = Comparison.of("original", "derp4j", Run.readAll(directory));
    Comparison.Row cpu = row(comparison, "CPU s per 10^6 packets");

    assertThat(cpu.work()).isEqualTo("bulk1280");
    assertThat(cpu.a()).isEqualTo(new Spread(5.2, 5.0, 5.4, 3));
    assertThat(cpu.b()).isEqualTo(new Spread(1.3, 1.3, 1.5, 3));
    assertThat(cpu.ratio()).isCloseTo(0.25, within(1e-9));
    Spread paired = Objects.requireNonNull(cpu.pairedRatios());
    assertThat(paired.min()).isCloseTo(1.3 / 5.4, within(1e-9));
    assertThat(paired.max()).isCloseTo(0.3, within(1e-9));
    assertThat(comparison.remarks())
        .containsExactly(
            "bulk1280, derp4j: the generator was at its limit; packets/s and delays are its own");
  }

  @Test
  void aRoundWithOneSideOnlyGivesNoPairAndFiguresThatAClosedRunLacksNoRow() throws IOException {
    closed("single.1.a.json", 7, "server");
    Comparison comparison = Comparison.of("a", "b", Run.readAll(directory));

    assertThat(row(comparison, "CPU s per 10^6 packets").b()).isNull();
    assertThat(row(comparison, "CPU s per 10^6 packets").ratio()).isNull();
    assertThat(comparison.rows()).extracting(Comparison.Row::metric).doesNotContain("lost packets");
    assertThat(ComparisonPrinter.text(comparison)).contains("| single | packets/s | 100,000 |  |");
  }

  @Test
  void theMedianOfAnEvenNumberIsTheMiddle() {
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(new Spread(2.5, 1, 4, 4));
  }

  @Test
  void theCommandWritesItAllAsJson() throws IOException {
    threeRounds();
    Path json = directory.resolve("comparison.json");
    int status =
        Main.commandLine()
            .execute(
                "compare",
                directory.toString(),
                "--first",
                "original",
                "--second",
                "derp4j",
                "--note",
                "network=two network namespaces, MTU 1500",
                "--json",
                json.toString());

    assertThat(status).isZero();
    assertThat(Files.readString(json))
        .contains("\"network\" : \"two network namespaces, MTU 1500\"")
        .contains("\"first\" : \"original\"")
        .contains("\"ratio\" : 0.25");
  }

  @Test
  void otherFilesInTheDirectoryAreLeftAlone() throws IOException {
    threeRounds();
    Files.writeString(directory.resolve("bulk1280.1.a.log"), "mode closed");
    Files.writeString(directory.resolve("comparison.json"), "{}");

    assertThat(Run.readAll(directory)).hasSize(6);
  }

  @Test
  void thePageNeedsNothingFromElsewhereAndEscapesWhatItIsGiven() throws IOException {
    Path cores = Files.createDirectories(directory.resolve("cores1"));
    threeRounds();
    for (int round = 1; round <= 3; round++) {
      for (String side : List.of("a", "b")) {
        String name = "bulk1280." + round + "." + side + ".json";
        Files.move(directory.resolve(name), cores.resolve(name));
      }
    }
    ladder(cores.resolve("ladder.1.a.json"));
    Path html = directory.resolve("comparison.html");
    Path json = directory.resolve("comparison.json");
    int status =
        Main.run(
            "compare",
            directory.toString(),
            "--first",
            "original",
            "--second",
            "<derp4j>",
            "--json",
            json.toString(),
            "--html",
            html.toString());

    assertThat(status).isZero();
    String page = Files.readString(html);
    assertThat(page)
        .contains("&lt;derp4j&gt;", "Delivered against offered load", "<circle", "class=\"met\"")
        .doesNotContain("<derp4j>", "NaN", "http://", "https://", "src=");
    assertThat(Results.read(json).tables()).hasSize(1);
  }

  private static void ladder(Path file) throws IOException {
    Percentiles times = new Percentiles(10, 40, 50, 90, 100, 110);
    TrafficReport traffic =
        new TrafficReport(900, 9000, 900, 1, 1000, 900, 100, 0, 0, 0, 0, 0, null, null);
    GeneratorReport generator = new GeneratorReport(0.5, 1, 0.5, false, times, null);
    Conditions fine = new Conditions("server", generator, null, 0.0);
    new ReportBuilder("ladder", Map.of(), 2, fine)
        .steps(
            List.of(
                new Step(500, traffic, times, fine, 5.0),
                new Step(1000, traffic, times, fine, 4.0)))
        .build()
        .write(file);
  }

  @Test
  void aGoalIsMetOrMissedByItsRatioAndOneWithoutFiguresIsNotJudged() throws IOException {
    threeRounds();
    closed("single.1.a.json", 4, "server");
    closed("single.1.b.json", 3, "server");
    Comparison comparison = Comparison.of("original", "derp4j", Run.readAll(directory));
    List<Goals.Verdict> verdicts = Goals.judge(List.of(new Table("one", 1, comparison)));

    assertThat(verdicts).extracting(Goals.Verdict::met).containsExactly(true, false);
    assertThat(Goals.text(verdicts))
        .contains("| bulk1280: CPU s per 10^6 packets, ratio ≤ 0.25 | 0.25 | met |")
        .contains("| 0.75 | **missed** |");
  }

  @Test
  void theFiguresOfAPageAreReplacedAndTheRestIsLeft() throws IOException {
    threeRounds();
    Path json = directory.resolve("comparison.json");
    Main.run("compare", directory.toString(), "--json", json.toString());
    Path page = directory.resolve("page.md");
    Files.writeString(page, "before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n");

    assertThat(Main.run("document", json.toString(), "--into", page.toString())).isZero();
    assertThat(Files.readString(page))
        .startsWith("before\n<!-- figures: begin -->\n")
        .endsWith("<!-- figures: end -->\nafter\n")
        .contains("| bulk1280 | packets/s |")
        .doesNotContain("old\n");
    Files.writeString(page, "no place");
    assertThat(Main.run("document", json.toString(), "--into", page.toString())).isEqualTo(1);
  }

  @Test
  void anAxisHasRoundNumbersThatReachBeyondAllFigures() {
    assertThat(Scale.of(List.of(3.0, 47.0), false, 0, 100).ticks)
        .containsExactly(0.0, 10.0, 20.0, 30.0, 40.0, 50.0);
    Scale decades = Scale.of(List.of(30.0, 4_000.0), true, 300, 0);
    assertThat(decades.ticks).containsExactly(10.0, 100.0, 1000.0, 10_000.0);
    assertThat(decades.at(100)).isCloseTo(200, within(1e-9));
    assertThat(List.of(Scale.text(0), Scale.text(25_000), Scale.text(1_500_000), Scale.text(12.5)))
        .containsExactly("0", "25 k", "1.5 M", "12.5");
  }
}
