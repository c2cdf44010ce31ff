package dev.derp4j.admission;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.reload.ReloadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// The keys that a file names. Immutable.
///
/// ```text
/// # Alice's laptop
/// nodekey:<64 hexadecimal digits>
/// nodekey:<64 hexadecimal digits>   # Bob
/// ```
///
/// One key a line. `#` at the start of a line or behind white space begins a comment; empty lines
/// mean nothing.
///
/// @param keys in no particular order
record KeyList(Set<NodePublicKey> keys) {
  /// A million keys with their comments.
  private static final long MAX_BYTES = 128L << 20;

  /// @throws ReloadException naming file and line, if there is no such file or a line is no key
  static KeyList read(Path file) throws ReloadException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ReloadException(file + ": larger than " + MAX_BYTES + " bytes");
      }
      return parse(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException missing) {
      throw new ReloadException(file + ": no such file", missing);
    } catch (IOException unreadable) {
      throw new ReloadException(file + ": cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  /// @param source names the text in errors
  static KeyList parse(String source, String text) throws ReloadException {
    Set<NodePublicKey> keys = new HashSet<>();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      String entry = withoutComment(line).strip();
      if (!entry.isEmpty()) {
        try {
          keys.add(NodePublicKey.parse(entry));
        } catch (IllegalArgumentException noKey) {
          throw new ReloadException(source + ":" + number + ": " + noKey.getMessage(), noKey);
        }
      }
    }
    return new KeyList(Set.copyOf(keys));
  }

  private static String withoutComment(String line) {
    int hash = line.indexOf('#');
    while (hash > 0 && !Character.isWhitespace(line.charAt(hash - 1))) {
      hash = line.indexOf('#', hash + 1);
    }
    return hash < 0 ? line : line.substring(0, hash);
  }
}
