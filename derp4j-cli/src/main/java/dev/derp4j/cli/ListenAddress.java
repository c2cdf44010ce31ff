package dev.derp4j.cli;

import dev.derp4j.cli.flags.GoText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// The value of `-a`: `:port`, `ip:port`, `[ip6]:port` or `name:port`, the port a number or one of
/// the names `http` and `https`.
///
/// @param host an address or a name, without brackets; empty means every address
/// @param port 0 means any free one
record ListenAddress(String host, int port) {
  private static final int HTTPS = 443;

  /// @throws StartException if the text is anything else
  static ListenAddress parse(String text) throws StartException {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw bad(text, "missing port");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw bad(text, "an IPv6 address needs brackets, as in [::1]:443");
    }
    return new ListenAddress(host, port(text, text.substring(colon + 1)));
  }

  private static int port(String text, String port) throws StartException {
    switch (port) {
      case "https" -> {
        return HTTPS;
      }
      case "http" -> {
        return 80;
      }
      default -> {}
    }
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw bad(text, "the port is no number between 0 and 65535");
    }
    return Integer.parseInt(port);
  }

  private static StartException bad(String text, String why) {
    return new StartException("invalid listen address " + GoText.quote(text) + ": " + why);
  }

  /// Whether this is the port where clients expect TLS.
  boolean isHttps() {
    return port == HTTPS;
  }

  /// Looks the name up, if it is one.
  ///
  /// @throws StartException if it has no address
  InetSocketAddress resolve() throws StartException {
    if (host.isEmpty()) {
      return new InetSocketAddress(port);
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new StartException("cannot resolve listen address " + GoText.quote(host));
    }
  }
}
