package dev.derp4j.tls;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/// Which address a client that connects to an address is to get the certificate of.
///
/// Its own idea of it counts only if it is an address of ours: otherwise strangers could have us
/// order certificates for any. Immutable.
///
/// @param publicAddresses those under which this host is reached from outside, where a NAT has them
record AddressChoice(List<InetAddress> publicAddresses) {
  AddressChoice {
    publicAddresses = List.copyOf(publicAddresses);
  }

  /// @param requested the address in SNI, if there is one; RFC 6066 allows none, but some send it
  /// @param local where the connection came to
  /// @return empty if the client is not to be served
  Optional<InetAddress> choose(Optional<InetAddress> requested, InetAddress local) {
    InetAddress own = plain(local);
    InetAddress seen = isPublic(own) ? own : outside(own);
    if (requested.isEmpty()) {
      return Optional.of(seen);
    }
    InetAddress wanted = plain(requested.get());
    boolean ours = wanted.equals(own) || wanted.equals(seen) || publicAddresses.contains(wanted);
    return ours ? Optional.of(wanted) : Optional.empty();
  }

  /// The first public address of the same family, or the address itself where none was named.
  private InetAddress outside(InetAddress own) {
    return publicAddresses.stream()
        .filter(each -> each instanceof Inet4Address == own instanceof Inet4Address)
        .findFirst()
        .orElse(own);
  }

  /// Without an IPv6 zone, and an IPv4 address as such even where it comes in IPv6's form.
  static InetAddress plain(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("an address of another length", impossible);
    }
  }

  /// Whether the address can be reached from everywhere, so that a public authority may certify it.
  static boolean isPublic(InetAddress address) {
    byte[] octets = address.getAddress();
    boolean shared =
        octets.length == 4 && (octets[0] & 0xff) == 100 && (octets[1] & 0xc0) == 64; // RFC 6598
    boolean uniqueLocal = octets.length == 16 && (octets[0] & 0xfe) == 0xfc; // RFC 4193
    return !(shared
        || uniqueLocal
        || address.isLoopbackAddress()
        || address.isSiteLocalAddress()
        || address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress());
  }
}
