package dev.derp4j.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/// The form of a log line: Go's date and time in local time, a space, the message.
///
/// Part of a message may come from whoever is at the other end of a connection. Characters that
/// would end the line, move the cursor or hide text are therefore written as escapes: an event is
/// one line, and what it looks like is what it says.
final class LogLine {
  private final ZoneId zone;
  private final boolean stackTraces;

  /// @param stackTraces whether an exception takes its stack trace along, or a few words only
  LogLine(boolean stackTraces) {
    this(stackTraces, ZoneId.systemDefault());
  }

  LogLine(boolean stackTraces, ZoneId zone) {
    this.stackTraces = stackTraces;
    this.zone = zone;
  }

  String format(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(128);
    appendTime(line, event.getInstant());
    appendEscaped(line.append(' '), String.valueOf(event.getFormattedMessage()));
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      appendThrown(line.append(": "), thrown);
    }
    return line.append('\n').toString();
  }

  private void appendTime(StringBuilder line, @Nullable Instant instant) {
    LocalDateTime time = LocalDateTime.ofInstant(instant == null ? Instant.now() : instant, zone);
    line.append(time.getYear());
    appendPadded(line.append('/'), time.getMonthValue());
    appendPadded(line.append('/'), time.getDayOfMonth());
    appendPadded(line.append(' '), time.getHour());
    appendPadded(line.append(':'), time.getMinute());
    appendPadded(line.append(':'), time.getSecond());
  }

  private static void appendPadded(StringBuilder line, int number) {
    if (number < 10) {
      line.append('0');
    }
    line.append(number);
  }

  private void appendThrown(StringBuilder line, IThrowableProxy thrown) {
    String className = thrown.getClassName();
    line.append(className, className.lastIndexOf('.') + 1, className.length());
    if (thrown.getMessage() != null) {
      appendEscaped(line.append(": "), thrown.getMessage());
    }
    if (stackTraces) {
      for (StackTraceElementProxy frame : thrown.getStackTraceElementProxyArray()) {
        appendEscaped(line.append("\n\t"), frame.getSTEAsString());
      }
    }
    if (thrown.getCause() != null) {
      appendThrown(line.append(stackTraces ? "\ncaused by " : " <- "), thrown.getCause());
    }
  }

  private static void appendEscaped(StringBuilder line, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isHarmful(c)) {
        line.append(c);
      } else if (c == '\n') {
        line.append("\\n");
      } else if (c == '\r') {
        line.append("\\r");
      } else {
        line.append(c < 0x80 ? "\\x%02x".formatted((int) c) : "\\u%04x".formatted((int) c));
      }
    }
  }

  /// Control characters but the tab, line separators, and the invisible ones that format text, such
  /// as those that turn the direction of writing.
  private static boolean isHarmful(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c != '\t';
      case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      default -> false;
    };
  }
}
