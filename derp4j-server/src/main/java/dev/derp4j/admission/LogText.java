package dev.derp4j.admission;

import java.util.Locale;

/// What others said, fit for a line of the log.
final class LogText {
  private static final int SHOWN = 100;

  private LogText() {}

  /// The beginning of a text on one line, everything but printable ASCII as `?`.
  static String of(String text) {
    String line = text.strip().replaceAll("[^ -~]+", "?");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }

  /// Why something failed, where the exception has no message of its own.
  static String of(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName().replaceAll("Exception$", "").toLowerCase(Locale.ROOT)
        : of(message);
  }
}
