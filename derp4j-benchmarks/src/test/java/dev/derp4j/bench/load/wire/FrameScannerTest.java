package dev.derp4j.bench.load.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FrameScannerTest {
  private static final int[] LENGTHS = {0, 1, 8, 63, 64, 65, 100, 1312, 0, 0, 65568, 33};

  private final List<String> expected = new ArrayList<>();
  private final byte[] stream = stream();

  private byte[] stream() {
    SplittableRandom random = new SplittableRandom(1);
    ByteBuf all = Unpooled.buffer();
    for (int i = 0; i < LENGTHS.length; i++) {
      byte[] payload = new byte[LENGTHS[i]];
      random.nextBytes(payload);
      all.writeByte(i).writeInt(payload.length).writeBytes(payload);
      expected.add(describe(i, payload.length, Unpooled.wrappedBuffer(payload), 0));
    }
    return ByteBufUtil.getBytes(all);
  }

  private static String describe(int type, int length, ByteBuf bytes, int index) {
    int shown = Math.min(length, FrameScanner.HEAD);
    return type + " " + length + " " + ByteBufUtil.hexDump(bytes, index, shown);
  }

  private List<String> scan(SplittableRandom random, int largestRead) {
    FrameScanner scanner = new FrameScanner();
    List<String> seen = new ArrayList<>();
    for (int at = 0; at < stream.length; ) {
      int size = Math.min(stream.length - at, random.nextInt(1, largestRead + 1));
      ByteBuf read = Unpooled.wrappedBuffer(stream, at, size);
      scanner.scan(
          read, (type, length, bytes, index) -> seen.add(describe(type, length, bytes, index)));
      assertThat(read.isReadable()).isFalse();
      at += size;
    }
    return seen;
  }

  @Test
  void findsTheFramesOfAWholeStream() {
    FrameScanner scanner = new FrameScanner();
    List<String> seen = new ArrayList<>();
    scanner.scan(
        Unpooled.wrappedBuffer(stream),
        (type, length, bytes, index) -> seen.add(describe(type, length, bytes, index)));

    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void findsThemByteByByte() {
    assertThat(scan(new SplittableRandom(1), 1)).isEqualTo(expected);
  }

  @Test
  void findsThemHoweverTheStreamIsCut() {
    for (int seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      assertThat(scan(random, 1 + random.nextInt(200))).isEqualTo(expected);
    }
  }

  @Test
  void aFrameThatNoServerSendsIsAnError() {
    ByteBuf huge = Unpooled.buffer().writeByte(5).writeInt(-1).writeZero(100);

    assertThatThrownBy(() -> new FrameScanner().scan(huge, (type, length, bytes, index) -> {}))
        .hasMessageContaining("4294967295");
  }
}
