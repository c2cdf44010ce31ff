package dev.derp4j.stun;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/// The numbers of the wire format, and big-endian access to arrays.
///
/// Section numbers are those of RFC 8489.
final class Wire {
  /// Bytes before the first attribute (§5).
  static final int HEADER_LENGTH = 20;

  /// Where the transaction id starts (§5).
  static final int TRANSACTION_ID = 8;

  /// Type and length in front of an attribute's value (§14).
  static final int ATTRIBUTE_HEADER_LENGTH = 4;

  static final int MAGIC_COOKIE = 0x2112_A442;

  static final int TYPE_BINDING_REQUEST = 0x0001;
  static final int TYPE_BINDING_SUCCESS = 0x0101;

  static final int ATTRIBUTE_MAPPED_ADDRESS = 0x0001;
  static final int ATTRIBUTE_XOR_MAPPED_ADDRESS = 0x0020;

  /// XOR-MAPPED-ADDRESS with the bit for "may be ignored" set: in no RFC, but sent by servers in
  /// the wild.
  static final int ATTRIBUTE_XOR_MAPPED_ADDRESS_OPTIONAL = 0x8020;

  static final int ATTRIBUTE_SOFTWARE = 0x8022;
  static final int ATTRIBUTE_FINGERPRINT = 0x8028;

  static final int FAMILY_IPV4 = 1;
  static final int FAMILY_IPV6 = 2;

  /// The whole FINGERPRINT attribute: header and a CRC of four bytes (§14.7).
  static final int FINGERPRINT_LENGTH = ATTRIBUTE_HEADER_LENGTH + 4;

  /// What a checksum is combined with, so that it cannot be mistaken for one of an enclosing
  /// protocol (§14.7).
  private static final int FINGERPRINT_MASK = 0x5354_554E;

  /// SOFTWARE of every Tailscale client; eight bytes, so it needs no padding.
  static final long SOFTWARE = longOf("tailnode");

  static final int SOFTWARE_LENGTH = 8;

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Wire() {}

  static int unsignedShort(byte[] from, int at) {
    return (short) SHORTS.get(from, at) & 0xFFFF;
  }

  static int integer(byte[] from, int at) {
    return (int) INTS.get(from, at);
  }

  static long longInteger(byte[] from, int at) {
    return (long) LONGS.get(from, at);
  }

  static void putShort(byte[] to, int at, int value) {
    SHORTS.set(to, at, (short) value);
  }

  static void putInt(byte[] to, int at, int value) {
    INTS.set(to, at, value);
  }

  static void putLong(byte[] to, int at, long value) {
    LONGS.set(to, at, value);
  }

  /// Whether these bytes can be a STUN message at all: long enough, the two top bits zero, the
  /// cookie in its place (§5).
  static boolean isStun(byte[] bytes, int offset, int length) {
    return length >= HEADER_LENGTH
        && (bytes[offset] & 0xC0) == 0
        && integer(bytes, offset + 4) == MAGIC_COOKIE;
  }

  /// A value's length on the wire, padding included.
  static int padded(int valueLength) {
    return (valueLength + 3) & ~3;
  }

  /// The value of a FINGERPRINT that follows the given bytes. `checksum` is scratch and left dirty.
  static int fingerprint(CRC32 checksum, byte[] bytes, int offset, int length) {
    checksum.reset();
    checksum.update(bytes, offset, length);
    return (int) checksum.getValue() ^ FINGERPRINT_MASK;
  }

  private static long longOf(String eightCharacters) {
    return (long)
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .get(eightCharacters.getBytes(StandardCharsets.US_ASCII), 0);
  }
}
