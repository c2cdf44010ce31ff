package dev.derp4j.http;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.metrics.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever an open WebSocket gets, in whatever pieces: DERP hears bytes or one fault, never more
/// than came, and after a fault the connection ends.
///
/// Searches for new inputs with `JAZZER_FUZZ=1 mvn -pl derp4j-server test
// -Dtest=WebSocketFuzzTest`.
class WebSocketFuzzTest {
  @FuzzTest(maxDuration = "2m")
  void anyBytesInAnyPieces(FuzzedDataProvider data) {
    try (HttpChannel http = new HttpChannel()) {
      Listener derp = new Listener();
      http.upgrader = (ctx, _) -> HttpPhase.handOver(ctx, "derp", derp);
      http.send(WebSocketTest.REQUEST);
      long sent = 0;
      while (data.remainingBytes() > 0 && http.isOpen()) {
        byte[] piece =
            data.consumeBoolean()
                ? MaskedFrames.frame(
                    data.consumeBoolean(), data.consumeInt(0, 15), data.consumeBytes(200))
                : data.consumeBytes(data.consumeInt(1, 4096));
        sent += piece.length;
        http.send(piece);
        http.channel.checkException();
        http.received();
      }
      assertThat(derp.bytes).isLessThanOrEqualTo(sent);
      assertThat(derp.faults).isLessThanOrEqualTo(1);
      http.advance(1);
      http.received();
      assertThat(http.isOpen()).isEqualTo(derp.faults == 0 && !derp.inactive);
      assertThat(http.metrics.closedCount(CloseReason.INTERNAL_ERROR)).isZero();
    }
  }

  private static final class Listener extends ChannelInboundHandlerAdapter {
    long bytes;
    int faults;
    boolean inactive;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      bytes += ((ByteBuf) message).readableBytes();
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      inactive = true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrown) {
      assertThat(thrown).isInstanceOf(WebSocketFault.class);
      faults++;
      ctx.close();
    }
  }
}
