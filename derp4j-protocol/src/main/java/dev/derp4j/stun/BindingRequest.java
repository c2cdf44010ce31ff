package dev.derp4j.stun;

import java.util.zip.CRC32;

/// The question "which address do you see me at?", as Tailscale's clients ask it.
///
/// ```text
///  0     2     4           8              20    22    24              32    34    36      40
/// +-----+-----+-----------+--------------+-----+-----+---------------+-----+-----+-------+
/// |00 01|00 14|21 12 A4 42|transaction id|80 22|00 08|t a i l n o d e|80 28|00 04| check |
/// +-----+-----+-----------+--------------+-----+-----+---------------+-----+-----+-------+
///  Binding                                SOFTWARE                    FINGERPRINT
/// ```
///
/// `check` is the CRC-32 of bytes 0 to 31, XOR 0x5354554E (RFC 8489 §14.7). Relays answer nothing
/// else, which keeps strangers from using them as public STUN servers; [RequestChecker] is the
/// receiving side.
public final class BindingRequest {
  /// Bytes of the request.
  public static final int LENGTH =
      Wire.HEADER_LENGTH
          + Wire.ATTRIBUTE_HEADER_LENGTH
          + Wire.SOFTWARE_LENGTH
          + Wire.FINGERPRINT_LENGTH;

  private BindingRequest() {}

  /// The request as one datagram.
  public static byte[] encode(TransactionId id) {
    byte[] request = new byte[LENGTH];
    Wire.putShort(request, 0, Wire.TYPE_BINDING_REQUEST);
    Wire.putShort(request, 2, LENGTH - Wire.HEADER_LENGTH);
    Wire.putInt(request, 4, Wire.MAGIC_COOKIE);
    id.write(request, Wire.TRANSACTION_ID);

    int software = Wire.HEADER_LENGTH;
    Wire.putShort(request, software, Wire.ATTRIBUTE_SOFTWARE);
    Wire.putShort(request, software + 2, Wire.SOFTWARE_LENGTH);
    Wire.putLong(request, software + 4, Wire.SOFTWARE);

    int fingerprint = LENGTH - Wire.FINGERPRINT_LENGTH;
    Wire.putShort(request, fingerprint, Wire.ATTRIBUTE_FINGERPRINT);
    Wire.putShort(request, fingerprint + 2, 4);
    Wire.putInt(request, fingerprint + 4, Wire.fingerprint(new CRC32(), request, 0, fingerprint));
    return request;
  }
}
