package dev.derp4j.stun;

import java.security.SecureRandom;

/// The 96 bits by which a client knows the answer to its request (RFC 8489 §5).
///
/// They are random, so that nobody off the path can forge an answer.
///
/// @param high the first eight bytes, big-endian
/// @param low the last four bytes, big-endian
public record TransactionId(long high, int low) {
  /// Bytes on the wire.
  public static final int LENGTH = 12;

  private static final SecureRandom RANDOM = new SecureRandom();

  /// A fresh, unpredictable id.
  public static TransactionId random() {
    return new TransactionId(RANDOM.nextLong(), RANDOM.nextInt());
  }

  /// Reads the 12 bytes at `offset`.
  ///
  /// @throws IndexOutOfBoundsException if the array ends before them
  public static TransactionId read(byte[] from, int offset) {
    return new TransactionId(Wire.longInteger(from, offset), Wire.integer(from, offset + 8));
  }

  /// Writes the 12 bytes at `offset`.
  ///
  /// @throws IndexOutOfBoundsException if the array ends before them
  public void write(byte[] to, int offset) {
    Wire.putLong(to, offset, high);
    Wire.putInt(to, offset + 8, low);
  }

  /// 24 hex digits.
  @Override
  public String toString() {
    return "%016x%08x".formatted(high, low);
  }
}
