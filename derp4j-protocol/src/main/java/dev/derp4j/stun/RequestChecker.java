package dev.derp4j.stun;

import java.util.Objects;
import java.util.zip.CRC32;

/// Tells the requests a relay answers from everything else that reaches a UDP port.
///
/// The rules are those of the servers in service: a Binding request that names `tailnode` in a
/// SOFTWARE attribute, in whatever place and beside whatever other attributes, and ends in a right
/// FINGERPRINT. The attributes reach to the end of the datagram: the length in the header is
/// covered by the checksum but not otherwise looked at, so bytes behind the FINGERPRINT always
/// refuse the datagram.
///
/// Work is linear in the length and allocates nothing. An instance holds scratch space: one thread
/// at a time.
public final class RequestChecker {
  private final CRC32 checksum = new CRC32();

  /// Judges one datagram. No content throws.
  ///
  /// @throws IndexOutOfBoundsException if the range does not lie in the array
  public RequestVerdict check(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (!Wire.isStun(bytes, offset, length)) {
      return RequestVerdict.NOT_STUN;
    }
    if (Wire.unsignedShort(bytes, offset) != Wire.TYPE_BINDING_REQUEST) {
      return RequestVerdict.NOT_A_BINDING_REQUEST;
    }
    int end = offset + length;
    int at = offset + Wire.HEADER_LENGTH;
    int last = at;
    boolean ours = false;
    while (at < end) {
      if (end - at < Wire.ATTRIBUTE_HEADER_LENGTH) {
        return RequestVerdict.MALFORMED_ATTRIBUTES;
      }
      int valueLength = Wire.unsignedShort(bytes, at + 2);
      int next = at + Wire.ATTRIBUTE_HEADER_LENGTH + Wire.padded(valueLength);
      if (next > end) {
        return RequestVerdict.MALFORMED_ATTRIBUTES;
      }
      ours |= isOurSoftware(bytes, at, valueLength);
      last = at;
      at = next;
    }
    return ours ? checkFingerprint(bytes, offset, last, end) : RequestVerdict.OTHER_SOFTWARE;
  }

  private static boolean isOurSoftware(byte[] bytes, int attribute, int valueLength) {
    return valueLength == Wire.SOFTWARE_LENGTH
        && Wire.unsignedShort(bytes, attribute) == Wire.ATTRIBUTE_SOFTWARE
        && Wire.longInteger(bytes, attribute + Wire.ATTRIBUTE_HEADER_LENGTH) == Wire.SOFTWARE;
  }

  private RequestVerdict checkFingerprint(byte[] bytes, int offset, int last, int end) {
    if (end - last != Wire.FINGERPRINT_LENGTH
        || Wire.unsignedShort(bytes, last) != Wire.ATTRIBUTE_FINGERPRINT
        || Wire.unsignedShort(bytes, last + 2) != 4) {
      return RequestVerdict.NO_FINGERPRINT;
    }
    int expected = Wire.fingerprint(checksum, bytes, offset, last - offset);
    return Wire.integer(bytes, last + Wire.ATTRIBUTE_HEADER_LENGTH) == expected
        ? RequestVerdict.VALID
        : RequestVerdict.WRONG_FINGERPRINT;
  }
}
