package dev.derp4j.mesh;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One entry of the list of nodes to mesh with.
///
/// ```text
/// host[:port]             TLS for that host; port 443 if it names none
/// host[:port]/dialhost    the same, but `dialhost` is dialled
/// dns:name[:port]         every address that the name has, each a node of its own; TLS for `name`
/// http://host[:port]      without TLS, for developers' relays and tests
/// ```
///
/// The first two are the original's. The others are mistakes there, so that no command line of the
/// original means something else here: `dns:8443` still is port 8443 of the host `dns`.
///
/// @param text as the operator wrote it
/// @param host the host of TLS and HTTP, an IPv6 address without brackets
/// @param port the TCP port
/// @param dialHost what is dialled instead
/// @param tls whether TLS is spoken
/// @param everyAddress whether each address of the host is a node of its own
public record MeshTarget(
    String text,
    String host,
    int port,
    Optional<String> dialHost,
    boolean tls,
    boolean everyAddress) {
  private static final String PLAIN = "http://";
  private static final String DNS = "dns:";

  /// Reads a list parted by commas.
  ///
  /// @throws IllegalArgumentException if an entry is none; the message is one line that names it
  public static List<MeshTarget> parseList(String list) {
    List<MeshTarget> targets = new ArrayList<>();
    for (String entry : list.split(",", -1)) {
      targets.add(parse(entry));
    }
    return targets;
  }

  /// Reads the lines of a file: entries parted by line ends or commas, `#` begins a comment.
  ///
  /// @throws IllegalArgumentException as [#parseList]
  public static List<MeshTarget> parseFile(String content) {
    List<MeshTarget> targets = new ArrayList<>();
    content
        .lines()
        .map(line -> line.replaceFirst("#.*", ""))
        .flatMap(line -> List.of(line.split(",", -1)).stream())
        .map(String::strip)
        .filter(entry -> !entry.isEmpty())
        .forEach(entry -> targets.add(parse(entry)));
    return targets;
  }

  /// Reads one entry.
  ///
  /// @throws IllegalArgumentException if it is none; the message is one line that names it
  public static MeshTarget parse(String text) {
    if (text.startsWith(PLAIN)) {
      HostPort at = HostPort.parse(text, text.substring(PLAIN.length()), 80);
      return new MeshTarget(text, at.host, at.port, Optional.empty(), false, false);
    }
    if (text.startsWith(DNS) && !text.substring(DNS.length()).matches("\\d+(/.*)?")) {
      HostPort at = HostPort.parse(text, text.substring(DNS.length()), 443);
      return new MeshTarget(text, at.host, at.port, Optional.empty(), true, true);
    }
    String[] parts = text.split("/", -1);
    if (parts.length > 2) {
      throw mistake(text, "too many components");
    }
    HostPort at = HostPort.parse(text, parts[0], 443);
    Optional<String> dialHost = Optional.empty();
    if (parts.length == 2) {
      String dialled = HostPort.withoutBrackets(parts[1]);
      if (dialled.isBlank() || (dialled.contains(":") && !dialled.contains("::"))) {
        throw mistake(text, "what is behind the slash is no host; it has the port of the first");
      }
      dialHost = Optional.of(dialled);
    }
    return new MeshTarget(text, at.host, at.port, dialHost, true, false);
  }

  /// The node at one address of a host that has several.
  MeshTarget at(String address) {
    return new MeshTarget(host + "/" + address, host, port, Optional.of(address), tls, false);
  }

  /// What log lines call it: the host, with its port if the entry names one, and with the address
  /// where several nodes share the host.
  String label() {
    if (dialHost.isPresent() && text.startsWith(host + "/")) {
      return text;
    }
    int slash = text.indexOf('/');
    return slash > 0 && tls ? text.substring(0, slash) : text;
  }

  private static IllegalArgumentException mistake(String text, String what) {
    return new IllegalArgumentException("mesh host \"" + printable(text) + "\": " + what);
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }

  private record HostPort(String host, int port) {
    static HostPort parse(String entry, String text, int defaultPort) {
      String host = text;
      int port = defaultPort;
      int colon = text.lastIndexOf(':');
      if (colon > text.lastIndexOf(']')) {
        host = text.substring(0, colon);
        String digits = text.substring(colon + 1);
        if (!digits.matches("\\d{1,5}")) {
          throw mistake(entry, "bad port");
        }
        port = Integer.parseInt(digits);
        if (port < 1 || port > 65535) {
          throw mistake(entry, "bad port");
        }
      }
      String bare = withoutBrackets(host);
      if (bare.isEmpty() || !bare.matches("[!-~&&[^/?#@\\[\\]\"]]+")) {
        throw mistake(entry, bare.isEmpty() ? "no host" : "no host name or address");
      }
      if (bare.contains(":") && bare.length() == host.length()) {
        throw mistake(entry, "an IPv6 address wants brackets");
      }
      return new HostPort(bare, port);
    }

    static String withoutBrackets(String host) {
      return host.startsWith("[") && host.endsWith("]")
          ? host.substring(1, host.length() - 1)
          : host;
    }
  }
}
