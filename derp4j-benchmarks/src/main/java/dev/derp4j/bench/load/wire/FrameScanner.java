package dev.derp4j.bench.load.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// Finds the frames in a stream and shows the head of each, without copying or keeping payloads.
///
/// ```text
///  read 1              | read 2                   | read 3
///  [h][head][ filler … | … filler ][h][he         | ad][filler][h][head] …
///                 skipped ^            ^ kept until the rest is here
/// ```
///
/// A decoder would gather each frame whole; the generator wants a sender and a stamp only, and at a
/// million packets a second the difference decides whether it or the server is measured. Whole
/// heads are shown where they lie; only one that a read cuts is copied. One per connection, used on
/// its event loop.
final class FrameScanner {
  /// How much of a payload is shown: a key and what the stamp of a packet needs.
  static final int HEAD = 64;

  private static final int HEADER = 5;

  /// Payload bytes still to come of a frame that has been shown.
  private int toSkip;

  /// The beginning of a frame whose head was cut. Made on first need, since idle connections never
  /// need it.
  private @Nullable ByteBuf cut;

  /// Receives the frames.
  interface Visitor {
    /// @param type the frame's type code
    /// @param length its payload's length
    /// @param bytes holds the first payload bytes, at most [#HEAD]; valid only during the call
    /// @param index where in `bytes` the payload begins
    void frame(int type, int length, ByteBuf bytes, int index);
  }

  /// Consumes all of `in`.
  void scan(ByteBuf in, Visitor visitor) {
    while (in.isReadable()) {
      if (toSkip > 0) {
        int step = Math.min(toSkip, in.readableBytes());
        in.skipBytes(step);
        toSkip -= step;
      } else if (cut != null && cut.isReadable()) {
        resume(in, cut, visitor);
      } else if (in.readableBytes() >= HEADER
          && in.readableBytes() >= shown(in, in.readerIndex())) {
        show(in, visitor);
      } else {
        begin(in);
      }
    }
  }

  /// Bytes of header and head that must be there before a frame can be shown.
  private static int shown(ByteBuf bytes, int index) {
    return HEADER + Math.min(lengthAt(bytes, index), HEAD);
  }

  private static int lengthAt(ByteBuf bytes, int index) {
    int length = bytes.getInt(index + 1);
    if (length < 0 || length > 1 << 20) {
      throw new IllegalStateException("frame of " + Integer.toUnsignedString(length) + " bytes");
    }
    return length;
  }

  private void show(ByteBuf in, Visitor visitor) {
    int index = in.readerIndex();
    int length = lengthAt(in, index);
    visitor.frame(in.getUnsignedByte(index), length, in, index + HEADER);
    int here = Math.min(HEADER + length, in.readableBytes());
    in.skipBytes(here);
    toSkip = HEADER + length - here;
  }

  private void begin(ByteBuf in) {
    ByteBuf kept = cut;
    if (kept == null) {
      kept = Unpooled.buffer(HEADER + HEAD, HEADER + HEAD);
      cut = kept;
    }
    kept.clear().writeBytes(in);
  }

  private void resume(ByteBuf in, ByteBuf kept, Visitor visitor) {
    if (kept.readableBytes() < HEADER) {
      fill(in, kept, HEADER);
    }
    if (kept.readableBytes() < HEADER) {
      return;
    }
    int wanted = shown(kept, 0);
    fill(in, kept, wanted);
    if (kept.readableBytes() < wanted) {
      return;
    }
    int length = lengthAt(kept, 0);
    visitor.frame(kept.getUnsignedByte(0), length, kept, HEADER);
    toSkip = HEADER + length - wanted;
    kept.clear();
  }

  private static void fill(ByteBuf in, ByteBuf kept, int upTo) {
    int step = Math.min(upTo - kept.readableBytes(), in.readableBytes());
    if (step > 0) {
      kept.writeBytes(in, step);
    }
  }
}
