package dev.derp4j.cli.flags;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers as Go writes them in source code, which is what its flags accept.
final class GoNumber {
  /// Sign, then a prefix for the base, then digits. An underscore may stand after the prefix and
  /// between digits. A leading zero alone means octal.
  private static final Pattern INTEGER =
      Pattern.compile(
          "([+-]?)(?:(0[xX])((?:_?[0-9a-fA-F])+)|(0[bB])((?:_?[01])+)"
              + "|(0[oO]|0(?=_?[0-7]))((?:_?[0-7])+)|(0|[1-9](?:_?[0-9])*))");

  private static final Pattern DECIMAL =
      Pattern.compile(
          "[+-]?(?:[0-9](?:_?[0-9])*(?:\\.(?:[0-9](?:_?[0-9])*)?)?|\\.[0-9](?:_?[0-9])*)"
              + "(?:[eE][+-]?[0-9]+)?");
  private static final Pattern HEXADECIMAL =
      Pattern.compile("[+-]?0[xX](?:[0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)[pP][+-]?[0-9]+");
  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger GREATEST = BigInteger.valueOf(Long.MAX_VALUE);

  private GoNumber() {}

  static long parseInt(String text) {
    Matcher number = INTEGER.matcher(text);
    if (!number.matches()) {
      throw BadValueException.malformed();
    }
    BigInteger magnitude;
    if (number.group(2) != null) {
      magnitude = digits(number.group(3), 16);
    } else if (number.group(4) != null) {
      magnitude = digits(number.group(5), 2);
    } else if (number.group(6) != null) {
      magnitude = digits(number.group(7), 8);
    } else {
      magnitude = digits(number.group(8), 10);
    }
    BigInteger value = number.group(1).equals("-") ? magnitude.negate() : magnitude;
    if (value.compareTo(LEAST) < 0 || value.compareTo(GREATEST) > 0) {
      throw BadValueException.outOfRange();
    }
    return value.longValue();
  }

  private static BigInteger digits(String text, int base) {
    return new BigInteger(text.replace("_", ""), base);
  }

  static double parseFloat(String text) {
    String unsigned = text.startsWith("+") || text.startsWith("-") ? text.substring(1) : text;
    switch (unsigned.toLowerCase(Locale.ROOT)) {
      case "inf", "infinity" -> {
        return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      }
      case "nan" -> {
        return Double.NaN;
      }
      default -> {}
    }
    if (!DECIMAL.matcher(text).matches() && !HEXADECIMAL.matcher(text).matches()) {
      throw BadValueException.malformed();
    }
    double value = Double.parseDouble(text.replace("_", ""));
    if (Double.isInfinite(value)) {
      throw BadValueException.outOfRange();
    }
    return value;
  }

  static String format(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
