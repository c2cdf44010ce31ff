package dev.derp4j.server;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/// Frames as bytes, right and wrong ones.
final class Bytes {
  private static final int HEADER = 5;

  private Bytes() {}

  static byte[] of(Frame... frames) {
    ByteBuf out = Unpooled.buffer();
    for (Frame frame : frames) {
      FrameWriter.writeFrame(out, frame);
    }
    return ByteBufUtil.getBytes(out);
  }

  /// A frame that declares the length of its payload.
  static byte[] frame(int type, byte[] payload) {
    return frame(type, payload.length, payload);
  }

  /// A frame that declares any length whatever, which is taken as unsigned.
  static byte[] frame(int type, long declared, byte[] payload) {
    return ByteBuffer.allocate(HEADER + payload.length)
        .put((byte) type)
        .putInt((int) declared)
        .put(payload)
        .array();
  }

  static byte[] joined(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
