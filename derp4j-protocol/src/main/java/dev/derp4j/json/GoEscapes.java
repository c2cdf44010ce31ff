package dev.derp4j.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/// The characters that Go's `encoding/json` writes as escapes beside those of JSON itself: `<`, `>`
/// and `&`, so that a document may stand in HTML, and Unicode's line and paragraph separators, so
/// that it may stand in JavaScript.
public final class GoEscapes extends CharacterEscapes {
  private static final long serialVersionUID = 1L;

  /// The one instance.
  public static final GoEscapes INSTANCE = new GoEscapes();

  private final int[] ascii = standardAsciiEscapesForJSON();

  private GoEscapes() {
    for (char escaped : new char[] {'<', '>', '&'}) {
      ascii[escaped] = ESCAPE_STANDARD;
    }
  }

  @Override
  public int[] getEscapeCodesForAscii() {
    return ascii.clone();
  }

  @Override
  public @Nullable SerializableString getEscapeSequence(int character) {
    return switch (character) {
      case 0x2028 -> new SerializedString("\\u2028");
      case 0x2029 -> new SerializedString("\\u2029");
      default -> null;
    };
  }
}
