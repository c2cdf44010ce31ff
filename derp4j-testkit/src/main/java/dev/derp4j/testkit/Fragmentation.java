package dev.derp4j.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A way to cut a byte stream into reads, as networks and TLS records do.
///
/// ```java
/// @ParameterizedTest
/// @MethodSource("dev.derp4j.testkit.Fragmentation#all")
/// void framesArriveHoweverTheyAreCut(Fragmentation cut) {
///   cut.writeInbound(channel, bytes);
/// ```
///
/// Each piece is a buffer of its own, never a slice, because readers must not live off their
/// neighbours' bytes. Immutable and thread-safe: the same cut every time.
public final class Fragmentation {
  private interface Cutter {
    int next(int remaining, int pieces, Random random);
  }

  private final String name;
  private final long seed;
  private final Cutter cutter;

  private Fragmentation(String name, long seed, Cutter cutter) {
    this.name = name;
    this.seed = seed;
    this.cutter = cutter;
  }

  /// All in one piece.
  public static Fragmentation whole() {
    return new Fragmentation("whole", 0, (remaining, pieces, random) -> remaining);
  }

  /// Every byte alone.
  public static Fragmentation eachByte() {
    return new Fragmentation("each byte", 0, (remaining, pieces, random) -> 1);
  }

  /// In two, behind `length` bytes.
  public static Fragmentation after(int length) {
    return new Fragmentation(
        "after " + length, 0, (remaining, pieces, random) -> pieces == 0 ? length : remaining);
  }

  /// In pieces of 1 to 99 bytes that the seed decides.
  public static Fragmentation random(long seed) {
    return new Fragmentation(
        "random " + seed,
        seed,
        (remaining, pieces, random) -> 1 + random.nextInt(1 + random.nextInt(99)));
  }

  /// Whole, each byte, and twenty random ways.
  public static Stream<Fragmentation> all() {
    return Stream.concat(
        Stream.of(whole(), eachByte()), IntStream.range(0, 20).mapToObj(Fragmentation::random));
  }

  /// Whole, each byte, and in two at every place in so many bytes.
  public static Stream<Fragmentation> everywhere(int length) {
    return Stream.concat(
        Stream.of(whole(), eachByte()), IntStream.range(1, length).mapToObj(Fragmentation::after));
  }

  /// Cuts up the readable bytes of `source`, which is released; the pieces are the caller's to
  /// release.
  public List<ByteBuf> cut(ByteBuf source) {
    Random random = new Random(seed);
    List<ByteBuf> pieces = new ArrayList<>();
    try {
      while (source.isReadable()) {
        int wanted = cutter.next(source.readableBytes(), pieces.size(), random);
        int length = Math.clamp(wanted, 1, source.readableBytes());
        pieces.add(source.alloc().buffer(length, length).writeBytes(source, length));
      }
    } finally {
      source.release();
    }
    return pieces;
  }

  /// Cuts up `source`, which is released, and writes the pieces into a channel as reads of their
  /// own. Stops when the channel closes, as a socket would; the rest is released.
  public void writeInbound(EmbeddedChannel channel, ByteBuf source) {
    for (ByteBuf piece : cut(source)) {
      if (channel.isOpen()) {
        channel.writeInbound(piece);
      } else {
        piece.release();
      }
    }
  }

  /// The way of cutting, as it shall stand in a test's name.
  @Override
  public String toString() {
    return name;
  }
}
