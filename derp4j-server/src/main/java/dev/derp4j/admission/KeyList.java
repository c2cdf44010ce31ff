package dev.derp4j.admission;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.limits.ClientLimits;
import dev.derp4j.reload.ReloadException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The keys that a file names. Immutable.
///
/// ```text
/// # Alice's laptop
/// nodekey:<64 hexadecimal digits>
/// nodekey:<64 hexadecimal digits>   rate=500k burst=2M quota=20G   # Bob
/// ```
///
/// One key a line, and behind it what is to hold for it in place of what holds for all: `rate` in
/// bytes a second, `burst` in bytes, `quota` in bytes a period; `k`, `M` and `G` stand for
/// thousands, 0 for no limit. `#` at the start of a line or behind white space begins a comment;
/// empty lines mean nothing.
///
/// @param keys with the limits of each
record KeyList(Map<NodePublicKey, ClientLimits> keys) {
  /// A million keys with their comments.
  private static final long MAX_BYTES = 128L << 20;

  private static final Pattern SETTING = Pattern.compile("(rate|burst|quota)=(\\d{1,18})([kMG]?)");

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
    Map<NodePublicKey, ClientLimits> keys = new HashMap<>();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      String entry = withoutComment(line).strip();
      if (!entry.isEmpty()) {
        try {
          String[] words = entry.split("\\s+");
          keys.put(NodePublicKey.parse(words[0]), limits(words));
        } catch (IllegalArgumentException noKey) {
          throw new ReloadException(source + ":" + number + ": " + noKey.getMessage(), noKey);
        }
      }
    }
    return new KeyList(Map.copyOf(keys));
  }

  private static ClientLimits limits(String[] words) {
    Map<String, Long> settings = new HashMap<>();
    for (String word : Arrays.asList(words).subList(1, words.length)) {
      Matcher setting = SETTING.matcher(word);
      if (!setting.matches()) {
        throw new IllegalArgumentException(
            LogText.of(word) + " is neither rate=, burst= nor quota= with a number of bytes");
      }
      if (settings.put(setting.group(1), bytes(setting.group(2), setting.group(3))) != null) {
        throw new IllegalArgumentException(setting.group(1) + " stands there twice");
      }
    }
    return settings.isEmpty()
        ? ClientLimits.NONE
        : new ClientLimits(
            optional(settings.get("rate")),
            optional(settings.get("burst")),
            optional(settings.get("quota")));
  }

  private static long bytes(String digits, String unit) {
    BigInteger factor =
        switch (unit) {
          case "k" -> BigInteger.valueOf(1_000);
          case "M" -> BigInteger.valueOf(1_000_000);
          case "G" -> BigInteger.valueOf(1_000_000_000);
          default -> BigInteger.ONE;
        };
    try {
      return new BigInteger(digits).multiply(factor).longValueExact();
    } catch (ArithmeticException tooLarge) {
      throw new IllegalArgumentException(digits + unit + " is too large", tooLarge);
    }
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static String withoutComment(String line) {
    int hash = line.indexOf('#');
    while (hash > 0 && !Character.isWhitespace(line.charAt(hash - 1))) {
      hash = line.indexOf('#', hash + 1);
    }
    return hash < 0 ? line : line.substring(0, hash);
  }
}
