package dev.derp4j.client.dial;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Makes one printable line of what libraries and strangers say.
final class Reasons {
  private static final int LONGEST = 300;

  private Reasons() {}

  /// The failure's own words, or its kind where it has none.
  static String of(Throwable failure) {
    return switch (failure) {
      case StepFailure ours -> ours.reason();
      case UnknownHostException unknown -> line(unknown.getMessage(), "unknown host");
      case ConnectException refused -> withoutAddress(line(refused.getMessage(), "cannot connect"));
      default -> line(failure.getMessage(), failure.getClass().getSimpleName());
    };
  }

  /// Netty appends the address, which the caller says in its own way.
  private static String withoutAddress(String message) {
    int end = message.lastIndexOf(": ");
    String text = end < 0 ? message : message.substring(0, end);
    int call = text.indexOf("(..) failed"); // as in: connect(..) failed with error(-111): …
    int words = text.lastIndexOf(": ");
    return (call >= 0 && words >= 0 ? text.substring(words + 2) : text).toLowerCase(Locale.ROOT);
  }

  /// The first line in printable ASCII, cut at 300 characters.
  static String line(@Nullable String text, String instead) {
    if (text == null || text.isBlank()) {
      return instead;
    }
    String first = text.lines().findFirst().orElse(instead).strip();
    String shown = first.length() > LONGEST ? first.substring(0, LONGEST) + "..." : first;
    return shown.replaceAll("[^ -~]", "?");
  }

  /// A stranger's text in quotes, as one line of printable ASCII.
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"', '\\' -> quoted.append('\\').append((char) c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(c >= ' ' && c <= '~' ? (char) c : '?');
              }
            });
    return quoted.append('"').toString();
  }
}
