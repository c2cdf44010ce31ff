package dev.derp4j.metrics;

import java.util.Locale;

/// Lines of Prometheus' text format.
///
/// Source: the exposition format 0.0.4,
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>.
final class TextFormat {
  private TextFormat() {}

  static void help(StringBuilder out, Metric metric) {
    out.append("# HELP ")
        .append(metric.printedName())
        .append(' ')
        .append(metric.help())
        .append('\n');
  }

  static void type(StringBuilder out, Metric metric) {
    if (metric.type() != Metric.Type.UNTYPED) {
      String type = metric.type().name().toLowerCase(Locale.ROOT);
      out.append("# TYPE ").append(metric.printedName()).append(' ').append(type).append('\n');
    }
  }

  static void scalar(StringBuilder out, String name, String value) {
    out.append(name).append(' ').append(value).append('\n');
  }

  static void labelled(
      StringBuilder out, String name, String label, String labelValue, long value) {
    out.append(name).append('{').append(label).append("=\"").append(escape(labelValue));
    out.append("\"} ").append(value).append('\n');
  }

  static String escape(String labelValue) {
    return labelValue.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
