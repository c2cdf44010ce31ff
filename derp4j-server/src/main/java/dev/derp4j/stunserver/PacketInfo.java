package dev.derp4j.stunserver;

import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// Turns the control messages of a request, which tell where it was sent to, into the one of its
/// answer, which makes it leave from there.
///
/// ```text
///  0                8        12       16
/// +----------------+--------+--------+---------------------------------------------------------+
/// | length 28      | IP   0 | type 8 | interface (4), our address for replies (4), target (4)  |
/// | length 36      | IPV6 41| type 50| target (16), interface (4)                              |
/// +----------------+--------+--------+---------------------------------------------------------+
/// ```
///
/// All in the machine's byte order but the addresses. The length leaves out the padding to a
/// multiple of eight. (`man 7 ip`: IP_PKTINFO; RFC 3542 §6: IPV6_PKTINFO.)
///
/// A dual-stack socket tells both for a datagram over IPv4. The IPv4 one then counts: its "address
/// for replies" is usable even if the datagram was a broadcast.
final class PacketInfo {
  /// Room for all control messages of one request, in bytes: 32 + 40 are used on a dual-stack
  /// socket.
  static final int REQUEST_SIZE = 128;

  /// Room for the control message of one answer, in bytes.
  static final int ANSWER_SIZE = 40;

  /// Returned when the system told nothing.
  static final int NOT_TOLD = -1;

  private static final int HEADER = 16;
  private static final int LEVEL = 8;
  private static final int TYPE = 12;
  private static final int IPV4_LENGTH = HEADER + 12;
  private static final int IPV4_SPACE = 32;
  private static final int IPV6_LENGTH = HEADER + 20;
  private static final int IPV6_SPACE = 40;
  private static final int IPV6_INTERFACE = HEADER + 16;

  private PacketInfo() {}

  /// Reads `length` bytes of control messages at `request`, writes one at `answer`.
  ///
  /// The interface stays open, so that routing rules decide about it, except for an IPv6 link-local
  /// address, which means nothing without its interface.
  ///
  /// @return the bytes written; 0 if the address cannot be a source (multicast, none); [#NOT_TOLD]
  static int answer(MemorySegment memory, long request, long length, long answer) {
    long ipv6 = -1;
    long end = request + length;
    long at = request;
    while (end - at >= HEADER) {
      long messageLength = memory.get(JAVA_LONG, at);
      if (messageLength < HEADER || messageLength > end - at) {
        break;
      }
      int level = memory.get(JAVA_INT, at + LEVEL);
      int type = memory.get(JAVA_INT, at + TYPE);
      if (level == Libc.IPPROTO_IP && type == Libc.IP_PKTINFO && messageLength >= IPV4_LENGTH) {
        return answerFromIpv4(memory, at, answer);
      }
      if (level == Libc.IPPROTO_IPV6 && type == Libc.IPV6_PKTINFO && messageLength >= IPV6_LENGTH) {
        ipv6 = at;
      }
      at += (messageLength + 7) & ~7L;
    }
    return ipv6 < 0 ? NOT_TOLD : answerFromIpv6(memory, ipv6, answer);
  }

  private static int answerFromIpv4(MemorySegment memory, long told, long answer) {
    int ours = memory.get(JAVA_INT, told + HEADER + 4);
    int firstByte = memory.get(JAVA_BYTE, told + HEADER + 4) & 0xFF;
    if (ours == 0 || firstByte >= 224) {
      return 0;
    }
    memory.set(JAVA_LONG, answer, IPV4_LENGTH);
    memory.set(JAVA_INT, answer + LEVEL, Libc.IPPROTO_IP);
    memory.set(JAVA_INT, answer + TYPE, Libc.IP_PKTINFO);
    memory.set(JAVA_INT, answer + HEADER, 0);
    memory.set(JAVA_INT, answer + HEADER + 4, ours);
    memory.set(JAVA_INT, answer + HEADER + 8, 0);
    return IPV4_SPACE;
  }

  private static int answerFromIpv6(MemorySegment memory, long told, long answer) {
    long high = memory.get(JAVA_LONG, told + HEADER);
    long low = memory.get(JAVA_LONG, told + HEADER + 8);
    int first = memory.get(JAVA_BYTE, told + HEADER) & 0xFF;
    int second = memory.get(JAVA_BYTE, told + HEADER + 1) & 0xFF;
    if ((high | low) == 0 || first == 0xFF) {
      return 0;
    }
    boolean linkLocal = first == 0xFE && (second & 0xC0) == 0x80;
    memory.set(JAVA_LONG, answer, IPV6_LENGTH);
    memory.set(JAVA_INT, answer + LEVEL, Libc.IPPROTO_IPV6);
    memory.set(JAVA_INT, answer + TYPE, Libc.IPV6_PKTINFO);
    memory.set(JAVA_LONG, answer + HEADER, high);
    memory.set(JAVA_LONG, answer + HEADER + 8, low);
    memory.set(
        JAVA_INT,
        answer + IPV6_INTERFACE,
        linkLocal ? memory.get(JAVA_INT, told + IPV6_INTERFACE) : 0);
    return IPV6_SPACE;
  }
}
