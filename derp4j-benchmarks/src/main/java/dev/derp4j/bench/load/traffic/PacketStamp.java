package dev.derp4j.bench.load.traffic;

import io.netty.buffer.ByteBuf;

/// What the generator writes at the beginning of a packet, to know it again when it arrives.
///
/// ```text
///  0              8              16             24
///  +--------------+--------------+--------------+----------
///  | kind         | sequence     | due time, ns | filler …
///  +--------------+--------------+--------------+----------
/// ```
///
/// The kind is what a relay looks at: either that of WireGuard data (`04 00 00 00`, an index), or
/// the magic of disco, which a relay queues in another lane. Each lane has its own sequence,
/// because a relay may send from the two in any order. The due time is when the packet was to be
/// sent, not when the generator got round to it, so that a late generator or a stalled connection
/// shows in the delay and is not omitted from it.
final class PacketStamp {
  static final int LENGTH = 24;

  /// The smallest packet that counts as disco.
  static final int DISCO_LENGTH = 62;

  /// WireGuard transport data for receiver 1.
  static final long DATA = 0x04000000_01000000L;

  /// `TS💬` and two bytes of the key that follows in real ones.
  static final long DISCO = 0x5453f09f_92ac0102L;

  /// First bytes of a packet that only finds out whether there is a way to its destination.
  static final long PROBE = 0x04000000_00000000L;

  private PacketStamp() {}

  static boolean isProbe(ByteBuf bytes, int index, int length) {
    return length == LENGTH && bytes.getLong(index) == PROBE;
  }

  static void write(ByteBuf out, int index, long kind, long sequence, long due) {
    out.setLong(index, kind);
    out.setLong(index + 8, sequence);
    out.setLong(index + 16, due);
  }

  static boolean isDisco(ByteBuf bytes, int index) {
    return bytes.getLong(index) == DISCO;
  }

  static boolean isOurs(ByteBuf bytes, int index, int length) {
    if (length < LENGTH) {
      return false;
    }
    long kind = bytes.getLong(index);
    return kind == DATA || kind == DISCO;
  }

  static long sequence(ByteBuf bytes, int index) {
    return bytes.getLong(index + 8);
  }

  static long due(ByteBuf bytes, int index) {
    return bytes.getLong(index + 16);
  }
}
