package dev.derp4j.http;

import dev.derp4j.debug.QueryText;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a request asks for: the middle of its first line, taken apart but not decoded.
///
/// Source: RFC 9112 §3.2, and what Go's server makes of it where the two differ.
///
/// @param form which of the four shapes it has
/// @param host the host in an absolute target, else empty
/// @param path the path, empty unless the form has one
/// @param query what stands behind the first question mark, with it; empty if there is none
record RequestTarget(Form form, String host, String path, String query) {

  /// The shapes that a target can have.
  enum Form {
    /// `/path?query`
    ORIGIN,
    /// `http://host/path?query`, as proxies are asked
    ABSOLUTE,
    /// `host:port`, with CONNECT
    AUTHORITY,
    /// `*`
    ASTERISK
  }

  private static final Pattern ABSOLUTE = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*://([^/?]*)(.*)");

  /// Empty if the text is none of the four, or is escaped wrongly.
  static Optional<RequestTarget> parse(String method, String text) {
    if (text.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      return Optional.empty();
    }
    if (text.equals("*")) {
      return Optional.of(new RequestTarget(Form.ASTERISK, "", "", ""));
    }
    if (text.startsWith("/")) {
      return withPath(Form.ORIGIN, "", text);
    }
    if (method.equals("CONNECT")) {
      return Optional.of(new RequestTarget(Form.AUTHORITY, text, "", ""));
    }
    var absolute = ABSOLUTE.matcher(text);
    if (!absolute.matches()) {
      return Optional.empty();
    }
    String rest = absolute.group(2);
    String authority = absolute.group(1);
    String host = authority.substring(authority.lastIndexOf('@') + 1);
    return withPath(Form.ABSOLUTE, host, rest.startsWith("/") ? rest : "/" + rest);
  }

  private static Optional<RequestTarget> withPath(Form form, String host, String text) {
    int mark = text.indexOf('?');
    String path = mark < 0 ? text : text.substring(0, mark);
    if (!isEscapedWell(path)) {
      return Optional.empty();
    }
    return Optional.of(new RequestTarget(form, host, path, mark < 0 ? "" : text.substring(mark)));
  }

  private static boolean isEscapedWell(String path) {
    for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
      if (i + 2 >= path.length()
          || Character.digit(path.charAt(i + 1), 16) < 0
          || Character.digit(path.charAt(i + 2), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  /// The query without its question mark.
  String queryText() {
    return query.isEmpty() ? "" : query.substring(1);
  }

  /// The first value of a parameter of the query; empty if there is none.
  String parameter(String name) {
    return QueryText.first(queryText(), name);
  }

  /// The path without empty segments, `.` and `..`; the same object if there were none.
  String cleanPath() {
    if (!path.contains("//") && !path.contains("/.")) {
      return path;
    }
    Deque<String> segments = new ArrayDeque<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        segments.pollLast();
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.addLast(segment);
      }
    }
    String cleaned = "/" + String.join("/", segments);
    return path.endsWith("/") && cleaned.length() > 1 ? cleaned + "/" : cleaned;
  }

  /// The path as routes are named. An escaped slash stays escaped: it separates nothing.
  String decodedPath() {
    if (path.indexOf('%') < 0) {
      return path;
    }
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        String hex = path.substring(i + 1, i + 3);
        int octet = Integer.parseInt(hex, 16);
        if (octet == '/') {
          out.append("%2F");
        } else {
          out.append((char) octet);
        }
        i += 2;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
