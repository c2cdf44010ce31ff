package dev.derp4j.cli.flags;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as Go writes them: `1h30m`, `1.5s`, `300ms`, `0`, `-2us`.
public final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");
  private static final BigDecimal LIMIT = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final long MICROSECOND = 1_000;
  private static final long MILLISECOND = 1_000 * MICROSECOND;
  private static final long SECOND = 1_000 * MILLISECOND;

  private GoDuration() {}

  /// Reads one or more numbers with units, summed. Whatever is finer than a nanosecond is lost.
  static Duration parse(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String rest = signed ? text.substring(1) : text;
    if (rest.equals("0")) {
      return Duration.ZERO;
    }
    if (rest.isEmpty()) {
      throw BadValueException.malformed();
    }
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher part = PART.matcher(rest);
    int end = 0;
    while (end < rest.length()) {
      if (!part.find(end) || part.start() != end) {
        throw BadValueException.malformed();
      }
      BigDecimal unit = BigDecimal.valueOf(nanosOf(part.group(2)));
      nanos =
          nanos.add(new BigDecimal(part.group(1)).multiply(unit).setScale(0, RoundingMode.DOWN));
      end = part.end();
    }
    if (nanos.compareTo(LIMIT) > 0) {
      throw BadValueException.malformed();
    }
    Duration length = Duration.ofNanos(nanos.longValueExact());
    return text.startsWith("-") ? length.negated() : length;
  }

  private static long nanosOf(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "us", "µs", "μs" -> MICROSECOND;
      case "ms" -> MILLISECOND;
      case "s" -> SECOND;
      case "m" -> 60 * SECOND;
      default -> 3600 * SECOND;
    };
  }

  /// Writes hours, minutes and seconds from the largest that is there; below a second, one unit.
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    String sign = duration.isNegative() ? "-" : "";
    Duration length = duration.abs();
    long nanos = length.toNanos();
    if (nanos < MICROSECOND) {
      return sign + nanos + "ns";
    }
    if (nanos < MILLISECOND) {
      return sign + decimal(nanos, MICROSECOND) + "µs";
    }
    if (nanos < SECOND) {
      return sign + decimal(nanos, MILLISECOND) + "ms";
    }
    String seconds = decimal(nanos % (60 * SECOND), SECOND) + "s";
    if (length.toMinutes() == 0) {
      return sign + seconds;
    }
    String minutes = length.toMinutesPart() + "m" + seconds;
    return sign + (length.toHours() == 0 ? minutes : length.toHours() + "h" + minutes);
  }

  private static String decimal(long nanos, long unit) {
    return BigDecimal.valueOf(nanos)
        .divide(BigDecimal.valueOf(unit))
        .stripTrailingZeros()
        .toPlainString();
  }
}
