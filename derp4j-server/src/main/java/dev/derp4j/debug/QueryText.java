package dev.derp4j.debug;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What stands behind the question mark of a request, undecoded.
public final class QueryText {
  private static final Pattern PAIR_SEPARATOR = Pattern.compile("&");

  private QueryText() {}

  /// The first value of a parameter; empty if there is none. A pair that cannot be decoded does not
  /// count.
  public static String first(String query, String name) {
    for (String pair : PAIR_SEPARATOR.split(query, -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.indexOf(';') < 0) {
        try {
          if (URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8).equals(name)) {
            return URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
          }
        } catch (IllegalArgumentException e) {
          // A stray percent sign: this pair says nothing.
        }
      }
    }
    return "";
  }
}
