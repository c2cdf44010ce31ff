package dev.derp4j.client.dial;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Addresses as text, and hosts beside ports.
final class Literals {
  /// Four whole numbers: the JDK also takes `10.1` and the like, which are names elsewhere.
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");

  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.:]*:[0-9A-Fa-f.:]*");

  private Literals() {}

  /// The address that the text writes out, in brackets or without, or null. Never asks the DNS.
  static @Nullable InetAddress address(String text) {
    String bare = withoutBrackets(text);
    if (!IPV4.matcher(bare).matches() && !IPV6.matcher(bare).matches()) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(bare);
    } catch (IllegalArgumentException notAnAddress) {
      return null;
    }
  }

  static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /// `host:port`, an IPv6 address in brackets.
  static String hostAndPort(String host, int port) {
    return inUrl(host) + ":" + port;
  }

  /// `address:port`, an IPv6 address in brackets.
  static String text(InetSocketAddress address) {
    return hostAndPort(address.getAddress().getHostAddress(), address.getPort());
  }

  /// The host as it stands in a URL or a Host header, an IPv6 address in brackets.
  static String inUrl(String host) {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }
}
