package dev.derp4j.bench.load;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/// Reads `10.0.0.1` or `10.0.0.1-10.0.0.9`.
final class AddressRange {
  private static final int MOST = 4096;

  private AddressRange() {}

  static List<InetAddress> parse(String text) throws UnknownHostException {
    int dash = text.indexOf('-');
    if (dash < 0) {
      return List.of(InetAddress.getByName(text));
    }
    byte[] first = InetAddress.getByName(text.substring(0, dash)).getAddress();
    byte[] last = InetAddress.getByName(text.substring(dash + 1)).getAddress();
    int count = new BigInteger(1, last).subtract(new BigInteger(1, first)).intValue() + 1;
    if (first.length != last.length || count < 1 || count > MOST) {
      throw new IllegalArgumentException("no range of at most " + MOST + " addresses: " + text);
    }
    List<InetAddress> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(InetAddress.getByAddress(plus(first, i)));
    }
    return addresses;
  }

  private static byte[] plus(byte[] address, int offset) {
    byte[] sum = address.clone();
    int carry = offset;
    for (int i = sum.length - 1; i >= 0 && carry > 0; i--) {
      int digit = Byte.toUnsignedInt(sum[i]) + carry;
      sum[i] = (byte) digit;
      carry = digit >>> 8;
    }
    return sum;
  }
}
