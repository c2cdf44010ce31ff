package dev.derp4j.tls;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import static org.assertj.core.api.Assertions.assertThat;

/// Any bytes in any pieces leave a connection that waits for more, or one that has ended and said
/// so; never an exception, and never plaintext.
///
/// The build only replays the seeds. To search for real:
///
/// ```text
/// JAZZER_FUZZ=1 mvn -pl derp4j-server -am test -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dtest='BoringSslHandlerFuzzTest'
/// ```
class BoringSslHandlerFuzzTest {
  private static @Nullable BoringSslContext context;

  @BeforeAll
  static void makeContext() throws Exception {
    TestAuthority authority = new TestAuthority();
    KeyPair keys = TestAuthority.keys("EC", 256);
    X509Certificate leaf =
        authority.certify(keys.getPublic(), TestAuthority.Validity.days(-1, 1), "a.example");
    context =
        new BoringSslContext(
            ServerName.of("192.0.2.7"),
            new X509Certificate[] {leaf},
            keys.getPrivate(),
            "http/1.1",
            Duration.ofSeconds(10));
  }

  @AfterAll
  static void closeContext() {
    Objects.requireNonNull(context).close();
  }

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreAHandshakeOrTheEndOfTheConnection(FuzzedDataProvider data) {
    int[] ends = {0};
    EmbeddedChannel channel =
        new EmbeddedChannel(
            Objects.requireNonNull(context).newHandler(ByteBufAllocator.DEFAULT),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                throw new AssertionError("plaintext without a handshake");
              }

              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof SslHandshakeCompletionEvent) {
                  ends[0]++;
                }
              }
            });
    while (data.remainingBytes() > 0 && channel.isOpen()) {
      byte[] piece = data.consumeBytes(data.consumeInt(1, 300));
      channel.writeInbound(Unpooled.directBuffer(piece.length + 1).writeBytes(piece));
    }
    assertThat(ends[0]).isEqualTo(channel.isOpen() ? 0 : 1);
    channel.finishAndReleaseAll();
    assertThat(ends[0]).isEqualTo(1);
  }
}
