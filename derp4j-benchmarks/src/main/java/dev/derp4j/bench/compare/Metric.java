package dev.derp4j.bench.compare;

import dev.derp4j.bench.load.report.ConnectReport;
import dev.derp4j.bench.load.report.IdleReport;
import dev.derp4j.bench.load.report.Memory;
import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.report.Report;
import dev.derp4j.bench.load.report.StartReport;
import dev.derp4j.bench.load.report.StormMemory;
import dev.derp4j.bench.load.report.StunReport;
import dev.derp4j.bench.load.report.TrafficReport;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One figure that is put side by side.
///
/// @param label what to call it in the table
/// @param reader reads it off a report; `null` if that has none
record Metric(String label, Function<Report, @Nullable Double> reader) {
  /// All of them, in the table's order.
  static final List<Metric> ALL =
      List.of(
          new Metric(
              "CPU s per 10^6 packets", report -> ifTraffic(report, report.serverCpuMicros())),
          new Metric("packets/s", traffic(TrafficReport::packetsPerSecond)),
          new Metric("delay p50, µs", delay(Percentiles::p50)),
          new Metric("delay p99, µs", delay(Percentiles::p99)),
          new Metric("lost packets", byTheClock(TrafficReport::lost)),
          new Metric("reordered packets", byTheClock(TrafficReport::reordered)),
          new Metric("late packets", byTheClock(TrafficReport::late)),
          new Metric("refused packets", byTheClock(TrafficReport::refused)),
          new Metric("delay p50 in calm, µs", calm(Percentiles::p50)),
          new Metric("delay p99 in calm, µs", calm(Percentiles::p99)),
          new Metric("CPU s per 10^6 answers", report -> ifStun(report, report.serverCpuMicros())),
          new Metric("answers/s", stun(StunReport::answersPerSecond)),
          new Metric("answer time p50, µs", answerTime(Percentiles::p50)),
          new Metric("answer time p99, µs", answerTime(Percentiles::p99)),
          new Metric("lost requests", stun(StunReport::lost)),
          new Metric("CPU µs per connect", Metric::cpuPerConnect),
          new Metric("connects/s", connects(ConnectReport::perSecond)),
          new Metric("connect time p50, µs", connects(connects -> connects.time().p50())),
          new Metric("connect time p99, µs", connects(connects -> connects.time().p99())),
          new Metric("MB resident, no connection", idle(idle -> megabytes(idle.before()))),
          new Metric("KB resident per connection", idle(idle -> idle.rssPerConnection() / 1000)),
          new Metric("KB private per connection", idle(idle -> idle.ussPerConnection() / 1000)),
          new Metric("MB resident, all gone", idle(idle -> megabytes(idle.gone()))),
          new Metric("MB resident before the storm", storm(storm -> megabytes(storm.before()))),
          new Metric("MB resident after the storm", storm(storm -> megabytes(storm.gone()))),
          new Metric("resident after the storm, times before", storm(StormMemory::ratio)),
          new Metric("ms to the first answer", start(StartReport::millis)),
          new Metric("MB resident, empty", start(start -> megabytes(start.memory()))),
          new Metric("MB resident after", Metric::residentAfter));

  @Nullable Double of(Report report) {
    Double value = reader.apply(report);
    return value == null || value.isNaN() ? null : value;
  }

  private interface Count {
    double of(TrafficReport traffic);
  }

  private static Function<Report, @Nullable Double> traffic(Count count) {
    return report -> report.traffic() == null ? null : count.of(report.traffic());
  }

  /// For runs that send whatever arrives; in the others the window hides losses and sets the delay.
  private static Function<Report, @Nullable Double> byTheClock(Count count) {
    return report ->
        report.traffic() == null || report.mode().equals("closed")
            ? null
            : count.of(report.traffic());
  }

  private static Function<Report, @Nullable Double> delay(Function<Percentiles, Double> which) {
    return report ->
        report.delay() == null || report.stun() != null || report.mode().equals("closed")
            ? null
            : which.apply(report.delay());
  }

  private static Function<Report, @Nullable Double> connects(
      Function<ConnectReport, Double> which) {
    return report -> report.connects() == null ? null : which.apply(report.connects());
  }

  private static Function<Report, @Nullable Double> idle(
      Function<IdleReport, @Nullable Double> which) {
    return report -> report.idle() == null ? null : which.apply(report.idle());
  }

  private static Function<Report, @Nullable Double> calm(Function<Percentiles, Double> which) {
    return report -> report.calmDelay() == null ? null : which.apply(report.calmDelay());
  }

  private interface StunCount {
    double of(StunReport stun);
  }

  private static Function<Report, @Nullable Double> stun(StunCount count) {
    return report -> report.stun() == null ? null : count.of(report.stun());
  }

  private static @Nullable Double ifStun(Report report, @Nullable Double value) {
    return report.stun() == null ? null : value;
  }

  private static Function<Report, @Nullable Double> answerTime(
      Function<Percentiles, Double> which) {
    return report ->
        report.stun() == null || report.delay() == null ? null : which.apply(report.delay());
  }

  private static Function<Report, @Nullable Double> storm(
      Function<StormMemory, @Nullable Double> which) {
    return report -> report.storm() == null ? null : which.apply(report.storm());
  }

  private static Function<Report, @Nullable Double> start(
      Function<StartReport, @Nullable Double> which) {
    return report -> report.start() == null ? null : which.apply(report.start());
  }

  private static @Nullable Double ifTraffic(Report report, @Nullable Double value) {
    return report.traffic() == null ? null : value;
  }

  private static @Nullable Double cpuPerConnect(Report report) {
    return report.traffic() != null || (report.connects() == null && report.idle() == null)
        ? null
        : report.serverCpuMicros();
  }

  private static @Nullable Double residentAfter(Report report) {
    return report.traffic() == null || report.conditions().server() == null
        ? null
        : megabytes(report.conditions().server().after());
  }

  private static @Nullable Double megabytes(@Nullable Memory memory) {
    return memory == null ? null : memory.rss() * 1024 / 1e6;
  }
}
