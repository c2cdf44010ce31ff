package dev.derp4j.transport;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// Listening on all addresses: on `::` where the system has IPv6, which takes IPv4 in as well.
final class WildcardAddress {
  private WildcardAddress() {}

  static InetSocketAddress resolve(InetSocketAddress address) {
    if (!address.getAddress().isAnyLocalAddress()
        || address.getAddress() instanceof Inet6Address
        || NetUtil.isIpV4StackPreferred()
        || !hasIpv6()) {
      return address;
    }
    return new InetSocketAddress(anyIpv6(), address.getPort());
  }

  /// `:443`, `10.0.0.1:443` or `[::1]:443`.
  static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip.isAnyLocalAddress()) {
      return ":" + address.getPort();
    }
    String host = NetUtil.toAddressString(ip);
    return (ip instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static boolean hasIpv6() {
    return NetUtil.LOCALHOST6.isLoopbackAddress()
        && NetUtil.NETWORK_INTERFACES.stream()
            .flatMap(networkInterface -> networkInterface.inetAddresses())
            .anyMatch(Inet6Address.class::isInstance);
  }

  private static InetAddress anyIpv6() {
    try {
      return InetAddress.getByAddress(new byte[16]);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
