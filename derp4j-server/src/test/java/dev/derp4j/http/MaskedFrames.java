package dev.derp4j.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// WebSocket frames as a browser sends them, written by hand from RFC 6455 §5.2.
final class MaskedFrames {
  static final int CONTINUATION = 0x0;
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;

  private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

  private MaskedFrames() {}

  static byte[] binary(byte[] body) {
    return frame(true, BINARY, body);
  }

  static byte[] frame(boolean last, int type, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write((last ? 0x80 : 0) | type);
    out.writeBytes(length(body.length));
    out.writeBytes(MASK);
    for (int i = 0; i < body.length; i++) {
      out.write(body[i] ^ MASK[i % MASK.length]);
    }
    return out.toByteArray();
  }

  /// Just what stands before the body, for those that never come.
  static byte[] head(int type, long length) {
    return ByteBuffer.allocate(14)
        .put((byte) (0x80 | type))
        .put((byte) (0x80 | 127))
        .putLong(length)
        .put(MASK)
        .array();
  }

  private static byte[] length(int length) {
    if (length < 126) {
      return new byte[] {(byte) (0x80 | length)};
    }
    return length < 65536
        ? ByteBuffer.allocate(3).put((byte) (0x80 | 126)).putShort((short) length).array()
        : ByteBuffer.allocate(9).put((byte) (0x80 | 127)).putLong(length).array();
  }
}
