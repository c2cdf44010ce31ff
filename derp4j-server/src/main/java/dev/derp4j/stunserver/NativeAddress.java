package dev.derp4j.stunserver;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.Arrays;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

/// Socket addresses as the kernel lays them out (`man 7 ip`, `man 7 ipv6`).
///
/// ```text
///  0       2       4            8                         24       28
/// +-------+-------+------------+-------------------------+--------+
/// |   2   | port  | address    |                                      sockaddr_in, 16 bytes
/// |  10   | port  | flow info  | address                 | scope  |   sockaddr_in6, 28 bytes
/// +-------+-------+------------+-------------------------+--------+
/// ```
///
/// Family and scope are in the machine's byte order, port and address in the network's.
final class NativeAddress {
  /// Room for either kind, in bytes, a multiple of eight.
  static final int SIZE = 32;

  static final int IPV4_LENGTH = 16;
  static final int IPV6_LENGTH = 28;

  private static final int PORT = 2;
  private static final int IPV4_ADDRESS = 4;
  private static final int IPV6_ADDRESS = 8;
  private static final int SCOPE = 24;

  private static final ValueLayout.OfShort PORT_LAYOUT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private NativeAddress() {}

  /// Writes an address and returns its length. The segment is taken to be zeroed.
  ///
  /// @param family of the socket: an `AF_INET6` socket is bound to the IPv6 form of the wildcard
  static int write(MemorySegment to, int family, InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    to.set(JAVA_SHORT_UNALIGNED, 0, (short) family);
    to.set(PORT_LAYOUT, PORT, (short) address.getPort());
    if (family == Libc.AF_INET) {
      // Where IPv6 is missing the wildcard may still come in its IPv6 form.
      byte[] bytes = ip.isAnyLocalAddress() ? new byte[4] : ip.getAddress();
      MemorySegment.copy(bytes, 0, to, JAVA_BYTE, IPV4_ADDRESS, 4);
      return IPV4_LENGTH;
    }
    byte[] bytes = ip.isAnyLocalAddress() ? new byte[16] : ip.getAddress();
    MemorySegment.copy(bytes, 0, to, JAVA_BYTE, IPV6_ADDRESS, 16);
    if (ip instanceof Inet6Address scoped) {
      to.set(JAVA_INT_UNALIGNED, SCOPE, scoped.getScopeId());
    }
    return IPV6_LENGTH;
  }

  /// Reads a whole address, that of a dual-stack wildcard as `::`.
  static InetSocketAddress read(MemorySegment from) {
    byte[] bytes = new byte[16];
    int length = copyAddress(from, 0, bytes);
    try {
      InetAddress ip =
          length == 4
              ? InetAddress.getByAddress(Arrays.copyOf(bytes, 4))
              : readIpv6(bytes, from.get(JAVA_INT_UNALIGNED, SCOPE));
      return new InetSocketAddress(ip, port(from, 0));
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }

  private static InetAddress readIpv6(byte[] bytes, int scope) throws UnknownHostException {
    // Scope −1 is the JDK's "none"; 0 would be shown as "%0".
    return Inet6Address.getByAddress(null, bytes, scope == 0 ? -1 : scope);
  }

  /// Copies the IP address of the socket address at `at` to the start of `to`.
  ///
  /// @return its length: 4, 16, or 0 if there is none
  static int copyAddress(MemorySegment from, long at, byte[] to) {
    return switch (from.get(JAVA_SHORT_UNALIGNED, at)) {
      case Libc.AF_INET -> {
        MemorySegment.copy(from, JAVA_BYTE, at + IPV4_ADDRESS, to, 0, 4);
        yield 4;
      }
      case Libc.AF_INET6 -> {
        MemorySegment.copy(from, JAVA_BYTE, at + IPV6_ADDRESS, to, 0, 16);
        yield 16;
      }
      default -> 0;
    };
  }

  static int port(MemorySegment from, long at) {
    return from.get(PORT_LAYOUT, at + PORT) & 0xFFFF;
  }
}
