package dev.derp4j.json;

/// Quotes a stranger's text for a log line: whatever it holds, the result is printable ASCII on one
/// line.
public final class Quoted {
  /// How much of a text is worth a log line, in code points; as much as the original shows.
  private static final int SHOWN = 40;

  private Quoted() {}

  /// `"text"` with quotes and backslashes escaped, everything that is not printable ASCII as a
  /// backslash and `x`, `u` or `U` with two, four or eight hexadecimal digits, and nothing behind
  /// the fortieth code point.
  public static String text(String raw) {
    StringBuilder quoted = new StringBuilder("\"");
    raw.codePoints().limit(SHOWN).forEach(codePoint -> append(quoted, codePoint));
    return quoted.append('"').toString();
  }

  private static void append(StringBuilder quoted, int codePoint) {
    if (codePoint == '"' || codePoint == '\\') {
      quoted.append('\\').append((char) codePoint);
    } else if (codePoint >= ' ' && codePoint <= '~') {
      quoted.append((char) codePoint);
    } else if (codePoint < 0x80) {
      quoted.append("\\x").append(digits(codePoint, 2));
    } else if (codePoint < 0x1_0000) {
      quoted.append("\\u").append(digits(codePoint, 4));
    } else {
      quoted.append("\\U").append(digits(codePoint, 8));
    }
  }

  private static String digits(int value, int width) {
    String hex = Integer.toHexString(value);
    return "0".repeat(width - hex.length()) + hex;
  }
}
