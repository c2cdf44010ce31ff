package dev.derp4j.bench.load.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ReportTest {
  private static final Percentiles TIMES = new Percentiles(10, 40, 50, 90, 100, 110);

  @TempDir Path directory;

  private static GeneratorReport generator(double busiest, boolean spinning) {
    return new GeneratorReport(0.9, 1, busiest, spinning, TIMES, null);
  }

  private static ServerReport server(double share) {
    Memory memory = new Memory(20_000, 15_000, 10_000);
    return new ServerReport(5.2, share, 1, memory, memory);
  }

  private static Report report(@Nullable TrafficReport traffic, Conditions conditions) {
    ReportBuilder report =
        new ReportBuilder("closed", Map.of("pairs", 10), 10, conditions)
            .delay(TIMES)
            .units(1_000_000);
    return traffic == null ? report.build() : report.traffic(traffic).build();
  }

  @Test
  void comesBackFromJsonAsItWas() throws IOException {
    TrafficReport traffic =
        new TrafficReport(
            1_000_000,
            1_280_000_000,
            1e5,
            1024,
            999,
            998,
            1,
            0,
            0,
            3,
            0,
            0,
            new KindReport(900, 900, 0, 0),
            new KindReport(99, 98, 1, 0));
    Report report = report(traffic, Conditions.of(generator(0.5, false), server(0.99), 0.02));
    Path file = directory.resolve("report.json");
    report.write(file);

    assertThat(Report.read(file)).isEqualTo(report);
    assertThat(Files.readString(file)).doesNotContain("null").contains("\"serverCpuMicros\" : 5.2");
  }

  @Test
  void saysWhoSetThePace() {
    assertThat(Conditions.of(generator(0.5, false), server(0.99), null).limitedBy())
        .isEqualTo("server");
    assertThat(Conditions.of(generator(0.99, false), server(0.5), null).limitedBy())
        .isEqualTo("generator");
    assertThat(Conditions.of(generator(0.99, false), server(0.99), null).limitedBy())
        .isEqualTo("both");
    assertThat(Conditions.of(generator(0.5, false), server(0.5), null).limitedBy())
        .isEqualTo("neither");
    assertThat(Conditions.of(generator(0.5, false), null, null).limitedBy()).isEqualTo("unknown");
  }

  @Test
  void aLoopThatSpinsIsNotAtItsLimitUnlessItPacesBadly() {
    Conditions spinning = Conditions.of(generator(1.0, true), server(0.5), null);
    assertThat(spinning.limitedBy()).isEqualTo("neither");

    Percentiles bad = new Percentiles(100, 5, 10, 1500, 2000, 3000);
    assertThat(spinning.withPacing(bad).limitedBy()).isEqualTo("generator");
  }

  @Test
  void theTextWarnsOfWhatMakesFiguresDoubtful() {
    Report report = report(null, Conditions.of(generator(0.99, false), server(0.5), 0.7));

    assertThat(new ReportPrinter(report).text())
        .contains("the generator was at its limit")
        .contains("other programs disturbed the measurement");
  }

  @Test
  void lostConnectionsAreTrouble() {
    Conditions fine = Conditions.of(generator(0.5, false), server(0.5), 0.0);
    Report report = new ReportBuilder("idle", Map.of(), 1, fine).connectionsLost(3).build();

    assertThat(report.trouble()).isTrue();
    assertThat(new ReportPrinter(report).text()).contains("3 connections ended by themselves");
  }

  @Test
  void aReportThatCannotBeReadIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("cut.json"), "{ \"mode\" : ");

    assertThatThrownBy(() -> Report.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cut.json");
  }

  @Test
  void wrongAnswersAreTroubleAndSoIsNoAnswerAtAll() {
    Conditions fine = Conditions.of(generator(0.5, false), server(0.5), 0.0);

    assertThat(stun(fine, 10, 0).trouble()).isFalse();
    assertThat(stun(fine, 10, 1).trouble()).isTrue();
    assertThat(stun(fine, 0, 0).trouble()).isTrue();
    assertThat(new ReportPrinter(stun(fine, 10, 1)).text()).contains("1 wrong answers");
  }

  private static Report stun(Conditions conditions, long answers, long wrong) {
    return new ReportBuilder("stun", Map.of(), 1, conditions)
        .stun(new StunReport(10, answers, answers, 0, 0, wrong, false))
        .build();
  }
}
