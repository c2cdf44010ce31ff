package dev.derp4j.bench.compare;

import org.jspecify.annotations.Nullable;

/// A comparison as a Markdown table.
final class ComparisonPrinter {
  private ComparisonPrinter() {}

  static String text(Comparison comparison) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            "| work | figure | %s | %s | ratio |%n", comparison.first(), comparison.second()));
    out.append("|---|---|---|---|---|\n");
    for (Comparison.Row row : comparison.rows()) {
      out.append(
          String.format(
              "| %s | %s | %s | %s | %s |%n",
              row.work(),
              row.metric(),
              spread(row.a()),
              spread(row.b()),
              ratio(row.ratio(), row.pairedRatios())));
    }
    out.append(
        "\nMedian (smallest…largest) of the rounds;"
            + " ratio of the medians (of the paired rounds).\n");
    for (String remark : comparison.remarks()) {
      out.append("NOTE ").append(remark).append('\n');
    }
    return out.toString();
  }

  static String spread(@Nullable Spread spread) {
    if (spread == null) {
      return "";
    }
    return spread.count() == 1
        ? number(spread.median())
        : number(spread.median()) + " (" + number(spread.min()) + "…" + number(spread.max()) + ")";
  }

  static String ratio(@Nullable Double ratio, @Nullable Spread paired) {
    if (ratio == null) {
      return "";
    }
    return paired == null || paired.count() == 1
        ? String.format("%.2f", ratio)
        : String.format("%.2f (%.2f…%.2f)", ratio, paired.min(), paired.max());
  }

  /// Three significant figures below a thousand, whole numbers above.
  private static String number(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) || size >= 100) {
      return String.format("%,.0f", value);
    }
    return String.format(size >= 10 ? "%.1f" : "%.2f", value);
  }
}
