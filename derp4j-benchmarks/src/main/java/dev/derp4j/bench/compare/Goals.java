package dev.derp4j.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What this project wants of the second server, and whether a comparison shows it.
final class Goals {
  /// What is held against the bound.
  private enum Of {
    /// The second server's figure divided by the first's.
    RATIO,
    /// The second server's own figure.
    SECOND
  }

  /// @param most whether the bound is the most that may be, or else the least
  private record Goal(String work, String metric, Of of, boolean most, double bound) {}

  /// How one goal fared.
  ///
  /// @param goal in words
  /// @param found the figure
  record Verdict(String goal, double found, boolean met) {}

  private static final String CPU = "CPU s per 10^6 packets";
  private static final String P99 = "delay p99, µs";
  private static final String PER_CONNECTION = "KB resident per connection";
  private static final String PEAK = "peak50";
  private static final String FLOOD = "flood6g";
  private static final String RATE = "packets/s";

  private static final List<Goal> ALL =
      List.of(
          ratio("bulk1280", CPU, 0.25),
          ratio("bulk200", CPU, 0.35),
          ratio("single", CPU, 0.70),
          ratio("delay5k", CPU, 0.45),
          ratio("delay5k", "delay p50, µs", 0.95),
          ratio("delay5k", P99, 1.0),
          ratio("eighty", P99, 0.5),
          new Goal(FLOOD, RATE, Of.RATIO, false, 3),
          own(FLOOD, "delay p50, µs", 10_000),
          ratio("connect", "CPU µs per connect", 0.5),
          ratio("beside", P99, 0.5),
          own("idle", PER_CONNECTION, 5),
          own("idle-many", PER_CONNECTION, 5),
          own("churn", "resident after the storm, times before", 1.1),
          ratio("mesh", CPU, 0.25),
          ratio("stun", "CPU s per 10^6 answers", 0.40),
          own("start", "ms to the first answer", 500),
          own("start", "MB resident, empty", 80));

  private Goals() {}

  private static Goal ratio(String work, String metric, double bound) {
    return new Goal(work, metric, Of.RATIO, true, bound);
  }

  private static Goal own(String work, String metric, double bound) {
    return new Goal(work, metric, Of.SECOND, true, bound);
  }

  /// Judges those goals that there are figures for. All but one look at the servers on one
  /// processor.
  static List<Verdict> judge(List<Table> tables) {
    List<Verdict> verdicts = new ArrayList<>();
    Comparison one = of(tables, 1);
    if (one == null) {
      return verdicts;
    }
    for (Goal goal : ALL) {
      Comparison.Row row = row(one, goal.work, goal.metric);
      Double found = row == null ? null : goal.of == Of.RATIO ? row.ratio() : median(row.b());
      if (found != null) {
        String words =
            "%s: %s, %s %s %s"
                .formatted(
                    goal.work,
                    goal.metric,
                    goal.of == Of.RATIO ? "ratio" : "ours",
                    goal.most ? "≤" : "≥",
                    number(goal.bound));
        verdicts.add(
            new Verdict(words, found, goal.most ? found <= goal.bound : found >= goal.bound));
      }
    }
    Comparison two = of(tables, 2);
    add(verdicts, share(rate(one, FLOOD), rate(one, PEAK)), "of its own peak50, ≥", 0.95);
    if (two != null) {
      add(verdicts, share(rate(two, PEAK), rate(one, PEAK)), "on two processors to one, ≥", 1.8);
    }
    return verdicts;
  }

  private static void add(
      List<Verdict> verdicts, @Nullable Double found, String words, double least) {
    if (found != null) {
      String work = words.startsWith("of") ? FLOOD : PEAK;
      verdicts.add(
          new Verdict(
              "%s: %s, ours %s %s".formatted(work, RATE, words, number(least)),
              found,
              found >= least));
    }
  }

  private static @Nullable Double share(@Nullable Double part, @Nullable Double whole) {
    return part == null || whole == null || whole == 0 ? null : Double.valueOf(part / whole);
  }

  private static @Nullable Comparison of(List<Table> tables, int processors) {
    return tables.stream()
        .filter(table -> table.serverProcessors() == processors)
        .map(Table::comparison)
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Double rate(Comparison comparison, String work) {
    Comparison.Row row = row(comparison, work, RATE);
    return row == null ? null : median(row.b());
  }

  private static Comparison.@Nullable Row row(Comparison comparison, String work, String metric) {
    return comparison.rows().stream()
        .filter(row -> row.work().equals(work) && row.metric().equals(metric))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Double median(@Nullable Spread spread) {
    return spread == null ? null : Double.valueOf(spread.median());
  }

  /// A table in Markdown.
  static String text(List<Verdict> verdicts) {
    StringBuilder out = new StringBuilder("| goal | measured | |\n|---|---|---|\n");
    for (Verdict verdict : verdicts) {
      out.append("| ").append(verdict.goal).append(" | ").append(number(verdict.found));
      out.append(verdict.met ? " | met |\n" : " | **missed** |\n");
    }
    return out.toString();
  }

  static String number(double value) {
    return value >= 100
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }
}
