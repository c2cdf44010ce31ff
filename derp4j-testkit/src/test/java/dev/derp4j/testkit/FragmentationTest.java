package dev.derp4j.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class FragmentationTest {
  private static final byte[] BYTES = new byte[1000];

  static {
    new Random(1).nextBytes(BYTES);
  }

  static Stream<Fragmentation> everyCut() {
    return Stream.concat(Fragmentation.all(), Fragmentation.everywhere(20));
  }

  private static ByteBuf source() {
    return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(BYTES);
  }

  @ParameterizedTest
  @MethodSource("everyCut")
  void piecesAreTheWholeAndTheSourceIsReleased(Fragmentation fragmentation) {
    ByteBuf source = source();
    List<ByteBuf> pieces = fragmentation.cut(source);
    assertThat(source.refCnt()).isZero();

    ByteBuf joined = Unpooled.wrappedBuffer(pieces.toArray(ByteBuf[]::new));
    assertThat(ByteBufUtil.getBytes(joined)).isEqualTo(BYTES);
    joined.release();
    assertThat(pieces).allSatisfy(piece -> assertThat(piece.refCnt()).isZero());
  }

  @Test
  void theCutsAreWhereTheyAreSaidToBe() {
    assertThat(lengths(Fragmentation.whole())).containsExactly(1000);
    assertThat(lengths(Fragmentation.eachByte())).hasSize(1000).containsOnly(1);
    assertThat(lengths(Fragmentation.after(7))).containsExactly(7, 993);
    assertThat(lengths(Fragmentation.random(1)))
        .isEqualTo(lengths(Fragmentation.random(1)))
        .isNotEqualTo(lengths(Fragmentation.random(2)));
    assertThat(lengths(Fragmentation.random(1)))
        .hasSizeBetween(11, 999)
        .allMatch(length -> length < 100);
  }

  private static List<Integer> lengths(Fragmentation fragmentation) {
    return fragmentation.cut(source()).stream().map(FragmentationTest::lengthOf).toList();
  }

  private static int lengthOf(ByteBuf piece) {
    int length = piece.readableBytes();
    piece.release();
    return length;
  }

  @Test
  void theHandlerCutsEachReadOfAPipeline() {
    EmbeddedChannel channel = new EmbeddedChannel(new FragmentingHandler(Fragmentation.after(3)));
    channel.writeInbound(source(), "not bytes");
    assertThat(lengthOf(channel.readInbound())).isEqualTo(3);
    assertThat(lengthOf(channel.readInbound())).isEqualTo(997);
    assertThat(channel.<String>readInbound()).isEqualTo("not bytes");
    channel.finishAndReleaseAll();
  }

  @Test
  void nothingIsWrittenIntoAChannelThatHasClosed() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                ((ByteBuf) message).release();
                var _ = context.close();
              }
            });
    Fragmentation.eachByte().writeInbound(channel, source());
    assertThat(channel.isOpen()).isFalse();
  }
}
