package dev.derp4j.vectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/// Reads what was recorded from the original: text files of space-separated columns under
/// `/vectors`, whose README tells where they come from.
public final class Vectors {
  private Vectors() {}

  /// The lines of a file such as `1.102.5/keys.txt`, comments left out, split into columns.
  public static List<List<String>> rows(String file) {
    try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + file)) {
      if (in == null) {
        throw new AssertionError("no vectors " + file);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> List.of(line.split(" ")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The bytes of a column; `-` is none.
  public static byte[] bytes(String column) {
    return column.equals("-") ? new byte[0] : HexFormat.of().parseHex(column);
  }

  /// The column for these bytes.
  public static String column(byte[] bytes) {
    return bytes.length == 0 ? "-" : HexFormat.of().formatHex(bytes);
  }

  /// A column of hexadecimal UTF-8, as text.
  public static String text(String column) {
    return new String(bytes(column), StandardCharsets.UTF_8);
  }
}
