package dev.derp4j.client.dial;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.testkit.Fragmentation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// What comes from the network, however it is cut.
class PhasesTest {
  private final NodePrivateKey serverKey = NodePrivateKey.generate();
  private final DerpIdentity identity = DerpIdentity.of(NodePrivateKey.generate());
  private final EmbeddedChannel channel = new EmbeddedChannel();

  @ParameterizedTest
  @MethodSource("dev.derp4j.testkit.Fragmentation#all")
  void answerGreetingAndWhatFollowsThemArriveHoweverTheyAreCut(Fragmentation cut) throws Exception {
    CompletableFuture<HttpResponse> answer = exchange();
    CompletableFuture<HandshakePhase.Introduction> introduction =
        answer.thenCompose(
            response -> {
              HandshakePhase phase =
                  new HandshakePhase(identity, UpgradeRequest.announcedKey(response), null);
              PipelineEnd.addBefore(channel.pipeline(), "handshake", phase);
              return phase.introduction();
            });
    String head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\nDerp-Version: 2\r\n"
            + ("Derp-Public-Key: " + serverKey.publicKey().toHex() + "\r\n\r\n");
    cut.writeInbound(
        channel,
        joined(head.getBytes(StandardCharsets.US_ASCII), greeting(), serverInfo(), packets()));

    HandshakePhase.Introduction met = introduction.join();
    assertThat(met.serverKey()).isEqualTo(serverKey.publicKey());
    assertThat(met.serverInfo()).isEqualTo(ServerInfo.plain());
    List<Frame> frames = new ArrayList<>();
    met.gate().handOver("next", collecting(frames));
    assertThat(frames).containsExactly(new Frame.KeepAlive(), new Frame.Health("later"));
    assertThat(channel.pipeline().names()).startsWith("next");
    assertThat(channel.config().isAutoRead()).isTrue();
    channel.finishAndReleaseAll();
  }

  @Test
  void anAnswersHeadIsBoundedAndSoIsWhatIsShownOfItsBody() throws Exception {
    assertAnswer(
        "HTTP/1.1 101 X\r\nA: " + "a".repeat(20_000),
        "the answer is no HTTP: HTTP header is larger than 16384 bytes.");
    assertAnswer(
        "HTTP/1.1 502 Bad\r\n\r\n" + "b".repeat(5000),
        "the answer was 502 Bad: \"" + "b".repeat(1024) + "\"");
    assertAnswer("\u0000\u0001 what", "the connection was closed before an answer");
    assertAnswer("HTTP/1.1 404 Gone\n\n", "the answer was 404 Gone");
    assertAnswer("SSH-2.0-x\r\n\r\n", "the answer is no HTTP");
    assertAnswer("", "the connection was closed before an answer");
    assertAnswer(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 90\r\n\r\n\u001b[1mgone\r\n",
        "the answer was 404 Not Found: \"?[1mgone\"");
  }

  private static void assertAnswer(String bytes, String reason) {
    EmbeddedChannel channel = new EmbeddedChannel();
    CompletableFuture<HttpResponse> answer = HttpExchange.send(channel, "upgrade", request(), 101);
    channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
    channel.finishAndReleaseAll();
    assertThatThrownBy(answer::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .hasMessageStartingWith(reason);
  }

  @ParameterizedTest
  @MethodSource("dev.derp4j.testkit.Fragmentation#all")
  void framesBeforeServerInfoAreSkipped(Fragmentation cut) {
    HandshakePhase phase = handshake();
    cut.writeInbound(
        channel,
        joined(
            greeting(),
            StubServer.Peer.bytes(
                new Frame.KeepAlive(), new Frame.Unknown(0x77, 3, new byte[] {1, 2, 3})),
            serverInfo()));
    assertThat(phase.introduction().join().serverInfo()).isEqualTo(ServerInfo.plain());
    channel.finishAndReleaseAll();
  }

  @Test
  void whatIsNoGreetingOrNoServerInfoEndsTheHandshake() {
    assertHandshake(
        "the server did not greet with its key", StubServer.Peer.bytes(new Frame.KeepAlive()));
    byte[] magicless = greeting();
    magicless[5] = 'd';
    assertHandshake("greeting without DERP's magic bytes", magicless);
    assertHandshake(
        "frame type 3 of 1048577 bytes, over 1048576", greeting(), new byte[] {3, 0, 16, 0, 1});
    assertHandshake(
        "frame SERVER_KEY of 1025 bytes, outside 40 to 1024", new byte[] {1, 0, 0, 4, 1});
    byte[] forged = serverInfo();
    forged[forged.length - 1]++;
    assertHandshake("cannot open box of " + (forged.length - 29) + " bytes", greeting(), forged);
    assertHandshake("the server closed the connection instead of greeting");
    assertHandshake(
        "the server closed the connection instead of admitting this client", greeting());
  }

  private void assertHandshake(String reason, byte[]... bytes) {
    EmbeddedChannel other = new EmbeddedChannel();
    HandshakePhase phase = new HandshakePhase(identity, null, null);
    PipelineEnd.addBefore(other.pipeline(), "handshake", phase);
    other.writeInbound(joined(bytes));
    other.finishAndReleaseAll();
    assertThatThrownBy(() -> phase.introduction().join()).cause().hasMessage(reason);
  }

  @Test
  void aLinkWhoseConnectionHasEndedTellsItsConsumerSo() {
    HandshakePhase phase = handshake();
    channel.writeInbound(joined(greeting(), serverInfo(), packets()));
    Gate gate = phase.introduction().join().gate();
    channel.finishAndReleaseAll();
    List<Frame> frames = new ArrayList<>();
    List<String> events = new ArrayList<>();
    gate.handOver(
        "next",
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
          }
        });
    assertThat(events).containsExactly("inactive");
    assertThat(frames).isEmpty();
    assertThatThrownBy(() -> gate.handOver("again", collecting(frames)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void bytesThatNobodyExpectsEndTheConnection() {
    PipelineEnd.addBefore(channel.pipeline(), "none", new ChannelInboundHandlerAdapter());
    channel.writeInbound(Unpooled.copiedBuffer(new byte[] {1}));
    assertThat(channel.isOpen()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("dev.derp4j.testkit.Fragmentation#all")
  void webSocketMessagesComeOutAsTheStreamThatTheyWereCutFrom(Fragmentation cut) {
    WebSocketStream.addTo(channel.pipeline());
    List<Frame> frames = new ArrayList<>();
    PipelineEnd.remove(channel.pipeline());
    channel.pipeline().addLast(collecting(frames));
    byte[] stream = packets();
    cut.writeInbound(
        channel,
        joined(
            new byte[] {0x02, 3, stream[0], stream[1], stream[2]},
            new byte[] {(byte) 0x89, 1, 7},
            new byte[] {0x00, 0},
            new byte[] {(byte) 0x80, (byte) (stream.length - 3)},
            java.util.Arrays.copyOfRange(stream, 3, stream.length),
            new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8}));
    assertThat(frames).containsExactly(new Frame.KeepAlive(), new Frame.Health("later"));
    assertThat(channel.isOpen()).as("a Close is returned and closes").isFalse();
    assertThat(sentTypes()).containsExactly(0x8a, 0x88);
  }

  @Test
  void aTextMessageOrTooLongAFrameOrAMaskedOneEndsTheConnection() {
    assertWebSocketEnds(new byte[] {(byte) 0x81, 1, 'x'}, "the server sent a text message");
    assertWebSocketEnds(new byte[] {(byte) 0x82, 127, 0, 0, 0, 0, 0, 32, 0, 0}, "Max frame length");
    assertWebSocketEnds(
        new byte[] {(byte) 0x82, (byte) 0x81, 1, 2, 3, 4, 5},
        "received a frame that is not masked");
    assertWebSocketEnds(new byte[] {(byte) 0xc2, 1, 5}, "RSV");
  }

  private static void assertWebSocketEnds(byte[] bytes, String reason) {
    EmbeddedChannel channel = new EmbeddedChannel();
    WebSocketStream.addTo(channel.pipeline());
    PipelineEnd.remove(channel.pipeline());
    assertThatThrownBy(
            () -> {
              channel.writeInbound(Unpooled.copiedBuffer(bytes));
              channel.checkException();
            })
        .hasMessageContaining(reason);
    assertThat(channel.isOpen()).isFalse();
    channel.finishAndReleaseAll();
  }

  private List<Integer> sentTypes() {
    List<Integer> types = new ArrayList<>();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      if (out.readableBytes() >= 6) {
        types.add(out.getByte(0) & 0xff);
      }
      out.release();
    }
    return types;
  }

  private CompletableFuture<HttpResponse> exchange() {
    CompletableFuture<HttpResponse> answer = HttpExchange.send(channel, "upgrade", request(), 101);
    return answer;
  }

  private HandshakePhase handshake() {
    HandshakePhase phase = new HandshakePhase(identity, null, null);
    PipelineEnd.addBefore(channel.pipeline(), "handshake", phase);
    return phase;
  }

  private static FullHttpRequest request() {
    return UpgradeRequest.derp(DerpEndpoint.of("relay.test", 443));
  }

  private byte[] greeting() {
    return StubServer.Peer.bytes(new Frame.ServerKey(serverKey.publicKey()));
  }

  private byte[] serverInfo() {
    ByteBuf out = Unpooled.buffer();
    SharedBox box = SharedBox.between(serverKey, identity.key().publicKey());
    FrameWriter.writeServerInfo(out, box.sealWithRandomNonce(ServerInfo.plain().toJson()));
    return ByteBufUtil.getBytes(out);
  }

  private static byte[] packets() {
    return StubServer.Peer.bytes(new Frame.KeepAlive(), new Frame.Health("later"));
  }

  private static ByteBuf joined(byte[]... parts) {
    ByteBuf all = Unpooled.buffer();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all;
  }

  private static ChannelInboundHandlerAdapter collecting(List<Frame> frames) {
    FrameDecoder decoder = FrameDecoder.forServerFrames();
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        ByteBuf in = (ByteBuf) message;
        try {
          decoder.decode(in, frames::add);
        } finally {
          in.release();
        }
      }
    };
  }
}
