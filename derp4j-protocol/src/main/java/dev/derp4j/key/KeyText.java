package dev.derp4j.key;

import java.util.HexFormat;

/// Turns hexadecimal key text into bytes without ever repeating that text in an error.
final class KeyText {
  private static final int DIGITS = 64;

  private KeyText() {}

  /// Decodes `<prefix><64 hexadecimal digits>`, the digits in either letter case, the prefix exact.
  ///
  /// @throws IllegalArgumentException with one line that names `what` and the mistake
  static byte[] decode(String what, String prefix, String text) {
    if (!text.startsWith(prefix)) {
      throw new IllegalArgumentException(what + " does not begin with \"" + prefix + "\"");
    }
    int digits = text.length() - prefix.length();
    if (digits != DIGITS) {
      throw new IllegalArgumentException(
          what + " has " + digits + " characters where " + DIGITS + " hexadecimal digits belong");
    }
    for (int i = prefix.length(); i < text.length(); i++) {
      if (!HexFormat.isHexDigit(text.charAt(i))) {
        throw new IllegalArgumentException(
            what + " has a character that is no hexadecimal digit, at position " + (i + 1));
      }
    }
    return HexFormat.of().parseHex(text, prefix.length(), text.length());
  }
}
