package dev.derp4j.client.dial;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever a server or a proxy sends is an answer or an error, whatever way it is cut, and nothing
/// is thrown or leaked.
///
/// The build only replays the seeds. To search for real, one target at a time:
///
/// ```text
/// JAZZER_FUZZ=1 mvn -pl derp4j-client -am test -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dtest='DialFuzzTest#answersMeanTheSameHoweverTheyAreCut'
/// ```
class DialFuzzTest {
  private static final NodePrivateKey SERVER = NodePrivateKey.parse("privkey:" + "18".repeat(32));
  private static final DerpIdentity CLIENT =
      DerpIdentity.of(NodePrivateKey.parse("privkey:" + "28".repeat(32)));

  /// The first byte chooses what precedes the rest: nothing, a good answer, a good handshake too.
  @FuzzTest(maxDuration = "1m")
  void answersMeanTheSameHoweverTheyAreCut(byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] stream = stream(input[0] & 3, Arrays.copyOfRange(input, 2, input.length));
    int step = 1 + (input[1] & 0x3f);
    assertThat(outcome(stream, step)).isEqualTo(outcome(stream, stream.length));
  }

  @FuzzTest(maxDuration = "1m")
  void webSocketFramesMeanTheSameHoweverTheyAreCut(byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] stream = Arrays.copyOfRange(input, 1, input.length);
    int step = 1 + (input[0] & 0x3f);
    assertThat(webSocket(stream, step)).isEqualTo(webSocket(stream, stream.length));
  }

  @FuzzTest(maxDuration = "1m")
  void bootstrapAnswersAreAddressesOrAnError(byte[] input) {
    try {
      assertThat(BootstrapAnswer.addresses(input, "a.test")).hasSizeLessThanOrEqualTo(64);
    } catch (StepFailure failure) {
      assertThat(failure).hasMessage("the answer is no list of addresses");
    }
  }

  private static byte[] stream(int valid, byte[] rest) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    if (valid > 0) {
      all.writeBytes(DialTest.SWITCHING.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    if (valid > 1) {
      all.writeBytes(StubServer.Peer.bytes(new Frame.ServerKey(SERVER.publicKey())));
      SharedBox box = SharedBox.between(SERVER, CLIENT.key().publicKey());
      ByteBuf info = Unpooled.buffer();
      byte[] nonce = new byte[SharedBox.NONCE_LENGTH];
      byte[] sealed = box.seal(nonce, ServerInfo.plain().toJson());
      FrameWriter.writeFrame(info, new Frame.ServerInfo(nonce, sealed));
      all.writeBytes(ByteBufUtil.getBytes(info));
    }
    all.writeBytes(rest);
    return all.toByteArray();
  }

  private static String outcome(byte[] stream, int step) {
    EmbeddedChannel channel = new EmbeddedChannel();
    StringBuilder outcome = new StringBuilder();
    CompletableFuture<HttpResponse> answer =
        HttpExchange.send(
            channel, "upgrade", UpgradeRequest.derp(DerpEndpoint.of("relay.test", 443)), 101);
    answer
        .thenCompose(
            response -> {
              HandshakePhase phase = new HandshakePhase(CLIENT, null, null);
              PipelineEnd.addBefore(channel.pipeline(), "handshake", phase);
              return phase.introduction();
            })
        .whenComplete(
            (met, failure) -> {
              outcome.append(met == null ? kind(failure) : "met ");
              if (met != null) {
                met.gate().handOver("rest", new Rest(outcome));
              } else {
                channel.close();
              }
            });
    write(channel, stream, step);
    return outcome.toString();
  }

  /// Netty's words for a broken head may depend on where it was cut.
  private static String kind(Throwable failure) {
    String text = Reasons.of(failure.getCause() == null ? failure : failure.getCause());
    return text.startsWith("the answer is no HTTP") ? "no HTTP" : text;
  }

  private static String webSocket(byte[] stream, int step) {
    EmbeddedChannel channel = new EmbeddedChannel();
    StringBuilder outcome = new StringBuilder();
    WebSocketStream.addTo(channel.pipeline());
    PipelineEnd.remove(channel.pipeline());
    channel.pipeline().addLast(new Rest(outcome));
    write(channel, stream, step);
    return outcome.toString();
  }

  private static void write(EmbeddedChannel channel, byte[] stream, int step) {
    for (int from = 0; from < stream.length && channel.isOpen(); from += step) {
      channel.writeInbound(
          Unpooled.copiedBuffer(stream, from, Math.min(step, stream.length - from)));
    }
    channel.finishAndReleaseAll();
  }

  private static final class Rest extends ChannelInboundHandlerAdapter {
    private final StringBuilder outcome;

    Rest(StringBuilder outcome) {
      this.outcome = outcome;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      outcome.append(HexFormat.of().formatHex(ByteBufUtil.getBytes(bytes)));
      bytes.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      outcome.append(" broken");
      ctx.close();
    }
  }
}
