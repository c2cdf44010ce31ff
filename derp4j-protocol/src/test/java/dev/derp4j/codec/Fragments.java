package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Feeds bytes to a decoder in every way that a network might cut them.
final class Fragments {
  private Fragments() {}

  /// All in one read.
  static List<Frame> whole(FrameDecoder decoder, byte[] bytes) throws ProtocolException {
    return pieces(decoder, List.of(bytes));
  }

  /// In two reads, cut before byte `at`.
  static List<Frame> split(FrameDecoder decoder, byte[] bytes, int at) throws ProtocolException {
    return pieces(
        decoder, List.of(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at, bytes.length)));
  }

  /// One byte at a time.
  static List<Frame> singly(FrameDecoder decoder, byte[] bytes) throws ProtocolException {
    List<byte[]> pieces = new ArrayList<>();
    for (byte b : bytes) {
      pieces.add(new byte[] {b});
    }
    return pieces(decoder, pieces);
  }

  /// Cut where the seed says, empty reads among them.
  static List<Frame> randomly(FrameDecoder decoder, byte[] bytes, long seed)
      throws ProtocolException {
    Random random = new Random(seed);
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + random.nextInt(1 + random.nextInt(200)));
      pieces.add(Arrays.copyOfRange(bytes, from, to));
      from = to;
    }
    return pieces(decoder, pieces);
  }

  private static List<Frame> pieces(FrameDecoder decoder, List<byte[]> pieces)
      throws ProtocolException {
    List<Frame> frames = new ArrayList<>();
    for (byte[] piece : pieces) {
      ByteBuf in = Unpooled.wrappedBuffer(piece);
      decoder.decode(in, frames::add);
      if (in.isReadable()) {
        throw new AssertionError("decoder left " + in.readableBytes() + " bytes unread");
      }
    }
    return frames;
  }
}
