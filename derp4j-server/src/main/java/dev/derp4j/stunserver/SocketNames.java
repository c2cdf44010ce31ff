package dev.derp4j.stunserver;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// Socket addresses as operators read them: `192.0.2.1:3478`, `[::]:3478`, `[fe80::1%eth0]:3478`.
final class SocketNames {
  private SocketNames() {}

  /// The numeric form; IPv6 shortened (RFC 5952) and in brackets, with its zone by name.
  static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (!(ip instanceof Inet6Address ipv6)) {
      return ip.getHostAddress() + ":" + address.getPort();
    }
    return "[" + NetUtil.toAddressString(ipv6) + zone(ipv6) + "]:" + address.getPort();
  }

  private static String zone(Inet6Address address) {
    // getHostAddress() ends in "%" and the interface's name or, if it is not known, its number.
    String whole = address.getHostAddress();
    int at = whole.indexOf('%');
    return at < 0 ? "" : whole.substring(at);
  }

  /// The line that tells why a port could not be had; a wildcard is left out as in `:3478`.
  static String listenFailure(InetSocketAddress listen, String why) {
    InetAddress ip = listen.getAddress();
    String where;
    if (ip == null) {
      where = listen.getHostString() + ":" + listen.getPort();
    } else if (ip.isAnyLocalAddress()) {
      where = ":" + listen.getPort();
    } else {
      where = text(listen);
    }
    return "stun: listen udp " + where + ": " + why;
  }
}
