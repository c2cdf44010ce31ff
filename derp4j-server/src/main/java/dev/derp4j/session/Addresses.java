package dev.derp4j.session;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// Addresses as DERP frames and log lines write them.
final class Addresses {
  private Addresses() {}

  /// `a.b.c.d:port` or `[v6]:port`.
  static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      return address.getHostString() + ":" + address.getPort();
    }
    String host = NetUtil.toAddressString(ip);
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
