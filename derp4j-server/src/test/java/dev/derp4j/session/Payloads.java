package dev.derp4j.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/// Packets to send, each recognisable.
final class Payloads {
  private static final byte[] DISCO_MAGIC = "TS💬".getBytes(StandardCharsets.UTF_8);

  private Payloads() {}

  /// A packet of ordinary data whose every byte depends on its number.
  static byte[] data(int number, int length) {
    byte[] payload = new byte[length];
    new Random(number).nextBytes(payload);
    if (length >= Integer.BYTES) {
      ByteBuffer.wrap(payload).putInt(number & 0x7fffffff);
    }
    return payload;
  }

  /// A path-discovery packet with this number.
  static byte[] disco(int number, int length) {
    byte[] payload = data(number, length);
    System.arraycopy(DISCO_MAGIC, 0, payload, 0, DISCO_MAGIC.length);
    ByteBuffer.wrap(payload, DISCO_MAGIC.length, Integer.BYTES).putInt(number);
    return payload;
  }

  static boolean isDisco(byte[] payload) {
    return payload.length >= 62
        && ByteBuffer.wrap(payload, 0, 6).equals(ByteBuffer.wrap(DISCO_MAGIC));
  }

  /// The number that a packet was made with.
  static int number(byte[] payload) {
    return ByteBuffer.wrap(payload).getInt(isDisco(payload) ? DISCO_MAGIC.length : 0);
  }
}
