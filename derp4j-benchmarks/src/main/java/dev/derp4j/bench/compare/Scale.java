package dev.derp4j.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// From a figure to its place on an axis, with round numbers to write there.
final class Scale {
  private static final int WANTED_TICKS = 6;

  private final double least;
  private final double most;
  private final boolean logarithmic;
  private final double from;
  private final double to;

  /// The figures that are written at the axis.
  final List<Double> ticks;

  private Scale(
      double least, double most, boolean logarithmic, double from, double to, List<Double> ticks) {
    this.least = least;
    this.most = most;
    this.logarithmic = logarithmic;
    this.from = from;
    this.to = to;
    this.ticks = ticks;
  }

  /// Begins at 0, or at a power of ten if logarithmic.
  static Scale of(List<Double> values, boolean logarithmic, double from, double to) {
    double largest = values.stream().mapToDouble(value -> value).max().orElse(1);
    if (!logarithmic) {
      double step = step(Math.max(largest, 1e-9) / WANTED_TICKS);
      List<Double> ticks = new ArrayList<>();
      int count = (int) Math.ceil(largest / step - 1e-9);
      for (int i = 0; i <= Math.max(1, count); i++) {
        ticks.add(i * step);
      }
      return new Scale(0, ticks.getLast(), false, from, to, ticks);
    }
    double smallest =
        values.stream().mapToDouble(value -> value).filter(value -> value > 0).min().orElse(1);
    int low = (int) Math.floor(Math.log10(smallest));
    int high = Math.max(low + 1, (int) Math.ceil(Math.log10(Math.max(largest, smallest))));
    List<Double> ticks = new ArrayList<>();
    for (int i = low; i <= high; i++) {
      ticks.add(Math.pow(10, i));
    }
    return new Scale(Math.pow(10, low), Math.pow(10, high), true, from, to, ticks);
  }

  /// For the numbers 0, 1, 2 …, with half a step of room at both ends.
  static Scale ofNames(int count, double from, double to) {
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ticks.add((double) i);
    }
    return new Scale(-0.5, count - 0.5, false, from, to, ticks);
  }

  /// 1, 2 or 5 times a power of ten, at least so much.
  private static double step(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= atLeast) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  double at(double value) {
    double share =
        logarithmic
            ? Math.log(Math.max(value, least) / least) / Math.log(most / least)
            : (value - least) / (most - least);
    return from + share * (to - from);
  }

  String name(double value, Chart.Axis axis) {
    return axis.names().isEmpty() ? text(value) : axis.names().get((int) value);
  }

  /// Short, with k and M for thousands and millions.
  static String text(double value) {
    double size = Math.abs(value);
    if (size >= 1e6) {
      return plain(value / 1e6) + " M";
    }
    return size >= 1e4 ? plain(value / 1e3) + " k" : plain(value);
  }

  private static String plain(double value) {
    String text = String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }
}
