package dev.derp4j.bench.load;

/// Refuses numbers that an option cannot mean.
final class Check {
  private Check() {}

  static void atLeast(String option, double value, double least) {
    if (!(value >= least)) {
      throw new IllegalArgumentException(
          option + " wants " + text(least) + " or more, not " + text(value));
    }
  }

  static void above(String option, double value, double bound) {
    if (!(value > bound)) {
      throw new IllegalArgumentException(
          option + " wants more than " + text(bound) + ", not " + text(value));
    }
  }

  static void between(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          option + " wants " + text(least) + " to " + text(most) + ", not " + text(value));
    }
  }

  /// Reads a whole number that is part of an option's text.
  static int number(String option, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " wants a number, not " + text, e);
    }
  }

  private static String text(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
