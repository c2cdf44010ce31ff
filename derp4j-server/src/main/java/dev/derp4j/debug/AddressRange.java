package dev.derp4j.debug;

import io.netty.util.NetUtil;
import java.net.InetAddress;

/// A range of addresses as written in CIDR form, `10.0.0.0/8` or `fd00::/8`. Immutable.
///
/// An IPv4 range holds IPv4 addresses only and an IPv6 range IPv6 addresses only; bits behind the
/// prefix are ignored.
final class AddressRange {
  private final byte[] network;
  private final int prefixLength;

  private AddressRange(byte[] network, int prefixLength) {
    this.network = network;
    this.prefixLength = prefixLength;
  }

  /// @throws IllegalArgumentException if the text is no address, slash and number of bits
  static AddressRange parse(String text) {
    int slash = text.lastIndexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("no slash and number of bits");
    }
    byte[] network = address(text.substring(0, slash));
    return new AddressRange(network, bits(text.substring(slash + 1), network.length * Byte.SIZE));
  }

  private static byte[] address(String text) {
    boolean isV6 = text.indexOf(':') >= 0;
    // Stricter than Java's own parser, which takes "10.1" for an address, and a zone for a part of
    // one.
    if (text.indexOf('%') >= 0
        || !(isV6 ? NetUtil.isValidIpV6Address(text) : NetUtil.isValidIpV4Address(text))) {
      throw new IllegalArgumentException("no IP address");
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
    if (bytes == null) {
      throw new IllegalArgumentException("no IP address");
    }
    return bytes;
  }

  private static int bits(String text, int most) {
    boolean isNumber = text.matches("0|[1-9][0-9]{0,2}");
    if (!isNumber || Integer.parseInt(text) > most) {
      throw new IllegalArgumentException("number of bits is not between 0 and " + most);
    }
    return Integer.parseInt(text);
  }

  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != network.length) {
      return false;
    }
    for (int bit = 0; bit < prefixLength; bit += Byte.SIZE) {
      int mask = 0xff00 >> Math.min(Byte.SIZE, prefixLength - bit) & 0xff;
      int index = bit / Byte.SIZE;
      if (((bytes[index] ^ network[index]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
