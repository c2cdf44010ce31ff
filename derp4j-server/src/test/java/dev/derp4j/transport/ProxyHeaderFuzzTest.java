package dev.derp4j.transport;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever a proxy sends, in whatever pieces: a client and every byte behind the header, or one
/// close that is counted.
///
/// Searches for new inputs with `JAZZER_FUZZ=1 mvn -pl derp4j-server test
/// -Dtest=ProxyHeaderFuzzTest`.
class ProxyHeaderFuzzTest {
  @FuzzTest(maxDuration = "2m")
  void anyBytesInAnyPieces(FuzzedDataProvider data) throws Exception {
    Metrics metrics = new Metrics("1.2.3", "derper");
    ProxyHeaders settings = new ProxyHeaders(_ -> true, metrics, ProxyHeaders.DEADLINE);
    boolean[] begun = new boolean[1];
    EmbeddedChannel channel =
        new EmbeddedChannel(new ProxyHeaderHandler(settings, _ -> begun[0] = true));
    ByteBuf sent = channel.alloc().buffer();
    try {
      byte[] start =
          switch (data.consumeInt(0, 2)) {
            case 0 -> ByteBufUtil.decodeHexDump(ProxyHeaderTest.SIGNATURE);
            case 1 -> "PROXY TCP4 ".getBytes(StandardCharsets.US_ASCII);
            default -> new byte[0];
          };
      send(channel, sent, start);
      while (data.remainingBytes() > 0 && channel.isOpen()) {
        send(channel, sent, data.consumeBytes(data.consumeInt(1, 300)));
        channel.checkException();
      }
      long closed = metrics.closedCount(CloseReason.PROXY_HEADER);
      assertThat(closed).isEqualTo(channel.isOpen() ? 0 : 1);
      int behind = 0;
      for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
        behind += in.readableBytes();
        in.release();
      }
      if (begun[0]) {
        ProxyHeader header = ProxyHeader.parse(sent);
        assertThat(header).isNotNull();
        assertThat(behind).isEqualTo(sent.readableBytes() - header.length());
      } else {
        assertThat(behind).isZero();
      }
    } finally {
      sent.release();
      channel.finishAndReleaseAll();
    }
  }

  private static void send(EmbeddedChannel channel, ByteBuf sent, byte[] bytes) {
    sent.writeBytes(bytes);
    channel.writeInbound(channel.alloc().buffer(bytes.length + 1).writeBytes(bytes));
  }
}
