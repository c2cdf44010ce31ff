package dev.derp4j.bench.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Two servers, figure by figure.
///
/// @param first name of the server that the other is compared with
/// @param second name of that other
/// @param rows the figures
/// @param remarks what a reader must know before believing them
record Comparison(String first, String second, List<Row> rows, List<String> remarks) {

  /// One figure of one work. A side without a measurement is absent, and so is a ratio to 0.
  ///
  /// @param a the first server's measurements
  /// @param b the second server's
  /// @param ratio of the medians, second to first
  /// @param pairedRatios the ratios of each round by itself: their spread tells what the ratio is
  ///     worth
  record Row(
      String work,
      String metric,
      @Nullable Spread a,
      @Nullable Spread b,
      @Nullable Double ratio,
      @Nullable Spread pairedRatios) {}

  static Comparison of(String first, String second, List<Run> runs) {
    Map<String, List<Run>> byWork = new LinkedHashMap<>();
    for (Run run : runs) {
      byWork.computeIfAbsent(run.work(), work -> new ArrayList<>()).add(run);
    }
    List<Row> rows = new ArrayList<>();
    Set<String> remarks = new LinkedHashSet<>();
    byWork.forEach(
        (work, ofWork) -> {
          for (Metric metric : Metric.ALL) {
            Row row = row(work, metric, ofWork);
            if (row != null) {
              rows.add(row);
            }
          }
          for (Run run : ofWork) {
            remark(run, run.second() ? second : first, remarks);
          }
        });
    return new Comparison(first, second, rows, List.copyOf(remarks));
  }

  private static @Nullable Row row(String work, Metric metric, List<Run> runs) {
    Map<Integer, Double> a = new TreeMap<>();
    Map<Integer, Double> b = new TreeMap<>();
    for (Run run : runs) {
      Double value = metric.of(run.report());
      if (value != null) {
        (run.second() ? b : a).put(run.round(), value);
      }
    }
    if (a.isEmpty() && b.isEmpty()) {
      return null;
    }
    List<Double> paired = new ArrayList<>();
    b.forEach(
        (round, value) -> {
          Double other = a.get(round);
          if (other != null && other != 0) {
            paired.add(value / other);
          }
        });
    Spread ofA = a.isEmpty() ? null : Spread.of(List.copyOf(a.values()));
    Spread ofB = b.isEmpty() ? null : Spread.of(List.copyOf(b.values()));
    Double ratio =
        ofA == null || ofB == null || ofA.median() == 0 ? null : ofB.median() / ofA.median();
    return new Row(
        work, metric.label(), ofA, ofB, ratio, paired.isEmpty() ? null : Spread.of(paired));
  }

  private static void remark(Run run, String server, Set<String> remarks) {
    String limit = run.report().conditions().limitedBy();
    if (limit.equals("generator") || limit.equals("both")) {
      remarks.add(
          run.work()
              + ", "
              + server
              + ": the generator was at its limit; packets/s and delays are its own");
    }
    if (run.report().conditions().disturbed()) {
      remarks.add(
          run.work() + ": other programs used the processors meanwhile; do not trust its figures");
    }
    if (run.report().trouble()) {
      remarks.add(
          run.work()
              + ", "
              + server
              + ", round "
              + run.round()
              + ": connections failed or were lost; its figures are about something else");
    }
  }
}
