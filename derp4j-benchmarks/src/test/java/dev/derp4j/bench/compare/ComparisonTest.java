package dev.derp4j.bench.compare;

import dev.derp4j.bench.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
