package dev.derp4j.bench.compare;

import dev.derp4j.bench.compare.Chart.Axis;
import dev.derp4j.bench.compare.Chart.Line;
import dev.derp4j.bench.compare.Chart.Point;
import dev.derp4j.bench.load.report.IdleReport;
import dev.derp4j.bench.load.report.Memory;
import dev.derp4j.bench.load.report.MemorySample;
import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.report.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The pictures of a comparison, drawn from the runs themselves: of several rounds, the medians.
final class Plots {
  private static final String CPU = "CPU s per 10^6 packets";

  private final Comparison comparison;
  private final List<Run> runs;

  Plots(Comparison comparison, List<Run> runs) {
    this.comparison = comparison;
    this.runs = runs;
  }

  /// All that there is something to draw of, as HTML.
  String html() {
    StringBuilder out = new StringBuilder();
    Stream.of(throughput(), ladderDelay(), ladderCpu())
        .filter(chart -> !chart.isEmpty())
        .forEach(chart -> out.append(chart.html()));
    BarChart cpu = cpuPerPacket();
    if (!cpu.isEmpty()) {
      out.append(cpu.html());
    }
    runs.stream()
        .filter(run -> run.report().traffic() != null && !run.report().mode().equals("closed"))
        .map(Run::work)
        .distinct()
        .forEach(work -> out.append(delays(work).html()));
    Chart memory = memory();
    if (!memory.isEmpty()) {
      out.append(memory.html());
    }
    return out.toString();
  }

  private String name(boolean second) {
    return second ? comparison.second() : comparison.first();
  }

  private static String style(boolean second) {
    return second ? "b" : "a";
  }

  private Chart throughput() {
    List<Line> lines = new ArrayList<>();
    double most = 0;
    for (boolean second : new boolean[] {false, true}) {
      List<Point> points = ladder(second, step -> step.traffic().packetsPerSecond());
      most = Math.max(most, points.stream().mapToDouble(Point::y).max().orElse(0));
      lines.add(new Line(name(second), style(second), points));
    }
    if (most > 0) {
      lines.add(
          new Line("all delivered", "ideal", List.of(new Point(0, 0), new Point(most, most))));
    }
    return new Chart(
        "Delivered against offered load (work “ladder”)",
        Axis.linear("packets/s offered"),
        Axis.linear("packets/s delivered"),
        lines);
  }

  private Chart ladderDelay() {
    List<Line> lines = new ArrayList<>();
    for (boolean second : new boolean[] {false, true}) {
      lines.add(
          new Line(
              name(second) + ", p50", style(second), ladder(second, step -> step.delay().p50())));
      lines.add(
          new Line(
              name(second) + ", p99",
              style(second) + " dashed",
              ladder(second, step -> step.delay().p99())));
    }
    return new Chart(
        "Delay against offered load (work “ladder”)",
        Axis.linear("packets/s offered"),
        Axis.logarithmic("delay, µs"),
        lines);
  }

  private Chart ladderCpu() {
    List<Line> lines = new ArrayList<>();
    for (boolean second : new boolean[] {false, true}) {
      List<Point> points =
          ladder(second, step -> Objects.requireNonNullElse(step.serverCpuMicros(), Double.NaN));
      lines.add(
          new Line(
              name(second),
              style(second),
              points.stream().filter(point -> !Double.isNaN(point.y())).toList()));
    }
    return new Chart(
        "CPU per packet against offered load (work “ladder”)",
        Axis.linear("packets/s offered"),
        Axis.linear("server's CPU, µs per packet"),
        lines);
  }

  private List<Point> ladder(boolean second, ToDoubleFunction<Step> figure) {
    Map<Double, List<Double>> byRate = new TreeMap<>();
    for (Run run : runs) {
      if (run.second() == second && run.report().steps() != null) {
        for (Step step : run.report().steps()) {
          byRate
              .computeIfAbsent(step.offeredPerSecond(), rate -> new ArrayList<>())
              .add(figure.applyAsDouble(step));
        }
      }
    }
    return medians(byRate);
  }

  private static List<Point> medians(Map<Double, List<Double>> figures) {
    List<Point> points = new ArrayList<>();
    figures.forEach((x, values) -> points.add(new Point(x, Spread.of(values).median())));
    return points;
  }

  private BarChart cpuPerPacket() {
    List<BarChart.Group> groups =
        comparison.rows().stream()
            .filter(row -> row.metric().equals(CPU))
            .map(row -> new BarChart.Group(row.work(), median(row.a()), median(row.b())))
            .toList();
    return new BarChart(
        "Server's CPU per packet, µs", comparison.first(), comparison.second(), groups);
  }

  private static @Nullable Double median(@Nullable Spread spread) {
    return spread == null ? null : spread.median();
  }

  private Chart delays(String work) {
    List<Line> lines = new ArrayList<>();
    for (boolean second : new boolean[] {false, true}) {
      lines.add(new Line(name(second), style(second), percentiles(work, second, false)));
      lines.add(
          new Line(
              name(second) + ", in calm",
              style(second) + " dashed",
              percentiles(work, second, true)));
    }
    return new Chart(
        "Delay percentiles, work “" + work + "”",
        Axis.named("percentile", List.of("p50", "p90", "p99", "p99.9", "max")),
        Axis.logarithmic("delay, µs"),
        lines);
  }

  private List<Point> percentiles(String work, boolean second, boolean calm) {
    List<Function<Percentiles, Double>> all =
        List.of(
            Percentiles::p50,
            Percentiles::p90,
            Percentiles::p99,
            Percentiles::p999,
            Percentiles::max);
    Map<Double, List<Double>> figures = new TreeMap<>();
    for (Run run : runs) {
      Percentiles times = calm ? run.report().calmDelay() : run.report().delay();
      if (run.second() == second && run.work().equals(work) && times != null) {
        for (int i = 0; i < all.size(); i++) {
          figures
              .computeIfAbsent((double) i, key -> new ArrayList<>())
              .add(all.get(i).apply(times));
        }
      }
    }
    return medians(figures);
  }

  private Chart memory() {
    List<Line> lines = new ArrayList<>();
    for (boolean second : new boolean[] {false, true}) {
      Map<Double, List<Double>> settled = new TreeMap<>();
      Map<Double, List<Double>> growing = new TreeMap<>();
      runs.stream()
          .filter(run -> run.second() == second)
          .map(run -> run.report().idle())
          .filter(idle -> idle != null && idle.connections() > 0)
          .forEach(idle -> collect(Objects.requireNonNull(idle), settled, growing));
      lines.add(new Line(name(second), style(second), medians(settled)));
      lines.add(
          new Line(
              name(second) + ", while they connect", style(second) + " dashed", medians(growing)));
    }
    return new Chart(
        "Memory against idle connections",
        Axis.linear("connections"),
        Axis.linear("resident, MB"),
        lines);
  }

  private static void collect(
      IdleReport idle, Map<Double, List<Double>> settled, Map<Double, List<Double>> growing) {
    add(settled, 0, idle.before());
    add(settled, idle.connections(), idle.held());
    for (MemorySample sample : idle.samples()) {
      // Several runs pass the same points a few connections apart.
      add(growing, Math.round(sample.connections() / 100.0) * 100.0, sample.memory());
    }
  }

  private static void add(
      Map<Double, List<Double>> figures, double connections, @Nullable Memory memory) {
    if (memory != null) {
      figures.computeIfAbsent(connections, key -> new ArrayList<>()).add(memory.rss() * 1024 / 1e6);
    }
  }
}
