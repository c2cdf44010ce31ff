package dev.derp4j.tls;

import java.net.Inet6Address;
import java.net.InetAddress;

/// IPv6 addresses in their short form (RFC 5952), in which Go programs name files after them. The
/// JDK writes all eight groups.
final class Rfc5952 {
  private static final int GROUPS = 8;

  private Rfc5952() {}

  static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    int[] groups = groups(address.getAddress());
    int start = longestZeros(groups);
    int length = start < 0 ? 0 : zeros(groups, start);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        if (i > 0 && i != start + length) {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  private static int[] groups(byte[] octets) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = ((octets[2 * i] & 0xff) << 8) | (octets[2 * i + 1] & 0xff);
    }
    return groups;
  }

  /// Where the longest run of two or more zero groups begins, the first of equals; −1 without one.
  private static int longestZeros(int[] groups) {
    int best = -1;
    for (int i = 0; i < GROUPS; i++) {
      int length = zeros(groups, i);
      if (length >= 2 && (best < 0 || length > zeros(groups, best))) {
        best = i;
      }
    }
    return best;
  }

  private static int zeros(int[] groups, int from) {
    int end = from;
    while (end < GROUPS && groups[end] == 0) {
      end++;
    }
    return end - from;
  }
}
