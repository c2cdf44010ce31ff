package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// A WebSocket from its request to its end, with a stand-in for DERP behind it.
class WebSocketTest {
  /// The key of RFC 6455 §1.3, whose proof is printed there.
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private static final String PROOF = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  static final String REQUEST = request("Sec-WebSocket-Protocol: derp");

  @AutoClose private final HttpChannel http = new HttpChannel();
  private final Stream stream = new Stream();

  private static String request(String... more) {
    String[] headers = {
      "Upgrade: websocket",
      "Connection: keep-alive, Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: " + KEY,
      "Origin: https://elsewhere.example",
      "Sec-WebSocket-Extensions: permessage-deflate",
    };
    String[] all = Arrays.copyOf(headers, headers.length + more.length);
    System.arraycopy(more, 0, all, headers.length, more.length);
    return HttpChannel.request("GET", "/derp", all);
  }

  private void open() {
    http.upgrader =
        (ctx, request) -> {
          http.upgrade = request;
          HttpPhase.handOver(ctx, "stream", stream);
        };
    http.send(REQUEST);
    http.received();
  }

  @Test
  void aBrowsersRequestIsAcceptedFromAnyOriginAndWithoutCompression() {
    String answer = http.ask(REQUEST);

    assertThat(answer)
        .isEqualTo(
            "HTTP/1.1 101 Switching Protocols\r\n"
                + "Upgrade: websocket\r\n"
                + "Connection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + PROOF
                + "\r\n"
                + "Sec-WebSocket-Protocol: derp\r\n"
                + "\r\n");
    assertThat(http.metrics.value(Metric.DERP_WEBSOCKET_ACCEPTS)).isOne();
  }

  @Test
  void headersOfOtherClientsCountForNothing() {
    http.send(
        request(
            "Sec-WebSocket-Protocol: derp",
            "Derp-Fast-Start: 1",
            "Ideal-Node: 3a",
            "User-Agent: Mozilla/5.0"));

    assertThat(http.upgrade).isEqualTo(new UpgradeRequest(false, false, "Mozilla/5.0", true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat, derp", "derp,chat", "chat\r\nSec-WebSocket-Protocol: derp"})
  void theSubprotocolIsFoundAmongOthers(String offers) {
    boolean firstLineNamesIt = offers.lines().findFirst().orElseThrow().contains("derp");
    String answer = http.ask(request("Sec-WebSocket-Protocol: " + offers));

    // The original decides by the first line alone whether this is a WebSocket at all.
    assertThat(answer.contains("Sec-WebSocket-Protocol: derp\r\n")).isEqualTo(firstLineNamesIt);
    assertThat(http.upgrade).isEqualTo(new UpgradeRequest(false, false, "", firstLineNamesIt));
  }

  @ParameterizedTest
  @CsvSource({"derper, ''", "xderp, ''", "'Derp, derp', Derp"})
  void whoeverNamesAnotherWordIsToldInsideTheWebSocket(String offers, String chosen) {
    String answer = http.ask(request("Sec-WebSocket-Protocol: " + offers));

    assertThat(answer)
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .contains("Sec-WebSocket-Accept: " + PROOF + "\r\n")
        .endsWith("\u0088\u0020\u0003\u00f0the subprotocol has to be derp");
    assertThat(answer.contains("Sec-WebSocket-Protocol: ")).isEqualTo(!chosen.isEmpty());
    assertThat(http.upgrade).isNull();
    http.advance(1);
    assertThat(http.isOpen()).isFalse();
    assertThat(http.metrics.value(Metric.DERP_WEBSOCKET_ACCEPTS)).isZero();
    assertThat(http.metrics.closedCount(CloseReason.HTTP_MALFORMED)).isOne();
  }

  @ParameterizedTest
  @CsvSource({
    "Upgrade: websocket, Upgrade: websocket, 101",
    "'keep-alive, Upgrade', keep-alive, 426",
    "Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 8, 400",
    "Sec-WebSocket-Key:, X-Key:, 400",
    "'Key: dGhlIHNhbXBsZSBub25jZQ==', 'Key: dGhlIHNhbXBsZQ==', 400",
    "'Key: dGhlIHNhbXBsZSBub25jZQ==', 'Key: !', 400",
    "GET, POST, 405",
    "HTTP/1.1, HTTP/1.0, 426"
  })
  void aRequestThatIsNoneGetsTheStatusThatSaysWhy(String before, String after, String status) {
    String answer = http.ask(REQUEST.replace(before, after));

    assertThat(answer).startsWith((after.endsWith("1.0") ? "HTTP/1.0 " : "HTTP/1.1 ") + status);
    assertThat(http.upgrade != null).isEqualTo(status.equals("101"));
  }

  @Test
  void aRefusedRequestLeavesTheConnectionToHttp() {
    http.ask(REQUEST.replace("Version: 13", "Version: 12"));

    assertThat(http.ask(HttpChannel.get("/generate_204"))).startsWith("HTTP/1.1 204 ");
  }

  @Test
  void aRelayWithoutDerpHasNoWebSocketEither() {
    try (HttpChannel off =
        new HttpChannel(
            HttpSite.Mode.DERP_PLAIN, HttpChannel.LOOPBACK, site -> site.derpEnabled(false))) {
      assertThat(off.ask(REQUEST)).startsWith("HTTP/1.1 404 ");
    }
  }

  @Test
  void bytesArriveWhereverTheStreamIsCutIntoMessagesFragmentsAndReads() {
    byte[] bytes = bytes(100_000);
    Random random = new Random(3);
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    for (int from = 0; from < bytes.length; ) {
      int message = Math.min(bytes.length - from, random.nextInt(WebSocketFrames.MAX_MESSAGE));
      int cut = random.nextInt(message + 1);
      byte[] first = Arrays.copyOfRange(bytes, from, from + cut);
      byte[] second = Arrays.copyOfRange(bytes, from + cut, from + message);
      wire.writeBytes(MaskedFrames.frame(false, MaskedFrames.BINARY, first));
      wire.writeBytes(MaskedFrames.frame(true, MaskedFrames.PONG, new byte[] {1}));
      wire.writeBytes(MaskedFrames.frame(false, MaskedFrames.CONTINUATION, new byte[0]));
      wire.writeBytes(MaskedFrames.frame(true, MaskedFrames.CONTINUATION, second));
      from += message;
    }
    open();
    byte[] all = wire.toByteArray();
    for (int from = 0; from < all.length; ) {
      int read = Math.min(all.length - from, 1 + random.nextInt(5000));
      http.send(Arrays.copyOfRange(all, from, from + read));
      from += read;
    }

    assertThat(stream.bytes.toByteArray()).isEqualTo(bytes);
    assertThat(stream.cause).isNull();
  }

  @Test
  void bytesArriveByteByByteAndRightBehindTheRequest() {
    byte[] bytes = bytes(300);
    http.upgrader = (ctx, _) -> HttpPhase.handOver(ctx, "stream", stream);
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    wire.writeBytes(REQUEST.getBytes(StandardCharsets.US_ASCII));
    wire.writeBytes(MaskedFrames.binary(bytes));
    http.sendByteByByte(wire.toByteArray());
    assertThat(stream.bytes.toByteArray()).isEqualTo(bytes);

    try (HttpChannel whole = new HttpChannel()) {
      whole.send(wire.toByteArray());
      assertThat(whole.derp.bytes.toByteArray()).isEqualTo(bytes);
      assertThat(whole.derp.strays).isEmpty();
    }
  }

  @Test
  void whatIsWrittenBeforeAFlushTravelsAsOneMessage() {
    open();
    stream.write("one ");
    stream.write("message");
    assertThat(http.received()).isEmpty();
    http.channel.flush();

    assertThat(http.received()).isEqualTo("\u0082\u000bone message");
    assertThat(http.channel.bytesBeforeUnwritable())
        .as("nothing is pending any more")
        .isEqualTo(http.channel.config().getWriteBufferHighWaterMark() + 1);
  }

  @Test
  void whatWaitsForAFlushCountsAsPending() {
    open();
    http.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(100, 1000));
    stream.write("x".repeat(1001));

    assertThat(http.channel.isWritable()).isFalse();
    http.channel.flush();
    assertThat(http.channel.isWritable()).isTrue();
  }

  @Test
  void noMessageIsLongerThanEveryClientTakes() {
    open();
    byte[] bytes = bytes(WebSocketFrames.MAX_MESSAGE + 100);
    http.channel.write(Unpooled.copiedBuffer(bytes));
    http.channel.flush();

    byte[] out = http.received().getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Arrays.copyOf(out, 4)).containsExactly(0x82, 126, 0x80, 0);
    int second = 4 + WebSocketFrames.MAX_MESSAGE;
    assertThat(Arrays.copyOfRange(out, second, second + 2)).containsExactly(0x82, 100);
    assertThat(Arrays.copyOfRange(out, 4, second))
        .isEqualTo(Arrays.copyOf(bytes, WebSocketFrames.MAX_MESSAGE));
    assertThat(out).hasSize(bytes.length + 4 + 2);
  }

  @Test
  void aMessageOfTheGreatestLengthPassesAndNoneBeyondIt() {
    open();
    http.send(MaskedFrames.binary(bytes(WebSocketFrames.MAX_MESSAGE)));
    assertThat(stream.bytes.size()).isEqualTo(WebSocketFrames.MAX_MESSAGE);

    http.send(MaskedFrames.binary(bytes(WebSocketFrames.MAX_MESSAGE + 1)));
    assertClosedWith(1009);
  }

  @Test
  void aMessageIsRefusedByItsLengthAloneWithoutWaitingForIt() {
    open();
    http.send(MaskedFrames.head(MaskedFrames.BINARY, Long.MAX_VALUE));

    assertClosedWith(1009);
  }

  @Test
  void aMessageThatGrowsTooLongInFragmentsIsRefused() {
    open();
    byte[] half = bytes(WebSocketFrames.MAX_MESSAGE / 2);
    http.send(MaskedFrames.frame(false, MaskedFrames.BINARY, half));
    http.send(MaskedFrames.frame(false, MaskedFrames.CONTINUATION, half));
    assertThat(stream.cause).isNull();
    http.send(MaskedFrames.frame(true, MaskedFrames.CONTINUATION, new byte[] {1}));

    assertClosedWith(1009);
    assertThat(stream.bytes.size()).isEqualTo(WebSocketFrames.MAX_MESSAGE);
  }

  @Test
  void textIsRefused() {
    open();
    http.send(MaskedFrames.frame(true, MaskedFrames.TEXT, "DERP".getBytes(StandardCharsets.UTF_8)));

    assertClosedWith(1003);
    assertThat(stream.bytes.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8204", "c284", "8384", "0084", "0980", "89fe0100"})
  void framesAgainstTheRulesAreRefused(String head) {
    open();
    http.send(ByteBufUtil.decodeHexDump(head + "0000000001020304"));

    assertClosedWith(1002);
  }

  private void assertClosedWith(int status) {
    assertThat(stream.cause)
        .isInstanceOf(WebSocketFault.class)
        .hasMessageStartingWith("WebSocket: ");
    byte[] out = http.received().getBytes(StandardCharsets.ISO_8859_1);
    assertThat(out[0]).isEqualTo((byte) 0x88);
    assertThat(out.length).isEqualTo(2 + out[1]);
    assertThat((out[2] & 0xff) << 8 | out[3] & 0xff).isEqualTo(status);
    assertThat(http.isOpen()).as("until the client has heard it").isTrue();
    int before = stream.bytes.size();
    http.send(MaskedFrames.binary(bytes(10)));
    assertThat(stream.bytes.size()).isEqualTo(before);
    http.advance(1);
    assertThat(http.isOpen()).isFalse();
    assertThat(stream.causes).isOne();
  }

  @Test
  void pingsAreAnsweredAndPongsAreNot() {
    open();
    http.send(
        MaskedFrames.frame(
            true, MaskedFrames.PING, "are you there".getBytes(StandardCharsets.UTF_8)));
    http.send(MaskedFrames.frame(true, MaskedFrames.PONG, new byte[0]));

    assertThat(http.received()).isEqualTo("\u008a\rare you there");
    assertThat(stream.bytes.size()).isZero();
  }

  @Test
  void aClientThatDoesNotReadGetsNoMorePongs() {
    open();
    http.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(10, 20));
    stream.write("x".repeat(21));
    http.send(MaskedFrames.frame(true, MaskedFrames.PING, new byte[] {1}));

    assertThat(http.received()).isEmpty();
  }

  @Test
  void theClientsGoodbyeIsReturnedAndTheConnectionClosed() {
    open();
    http.send(MaskedFrames.frame(true, MaskedFrames.CLOSE, new byte[] {0x03, (byte) 0xe9, 'x'}));

    assertThat(http.received()).isEqualTo("\u0088\u0002\u0003\u00e9");
    assertThat(http.isOpen()).isFalse();
    assertThat(stream.cause).isNull();
  }

  @Test
  void aGoodbyeWithoutAReasonIsReturnedWithoutOne() {
    open();
    http.send(MaskedFrames.frame(true, MaskedFrames.CLOSE, new byte[0]));

    assertThat(http.received()).isEqualTo("\u0088\u0000");
    assertThat(http.isOpen()).isFalse();
  }

  @Test
  void theRelaysOwnCloseSaysGoodbyeBehindWhatWasWritten() {
    open();
    stream.write("last");
    http.channel.close();

    assertThat(http.received()).isEqualTo("\u0082\u0004last\u0088\u0002\u0003\u00e8");
    assertThat(http.isOpen()).isFalse();
  }

  @Test
  void nothingWrittenIsLeftBehindByAConnectionThatBreaks() {
    open();
    stream.write("never sent");
    http.channel.unsafe().close(http.channel.voidPromise());

    assertThat(http.received()).isEmpty();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /// Stands for DERP: keeps what it gets and closes on faults, as DERP's handlers do.
  private static final class Stream extends ChannelInboundHandlerAdapter {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    @Nullable Throwable cause;
    int causes;
    @Nullable ChannelHandlerContext ctx;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      ctx = added;
    }

    void write(String text) {
      ctx.channel()
          .write(
              Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), ctx.channel().voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf in = (ByteBuf) message;
      bytes.writeBytes(ByteBufUtil.getBytes(in));
      in.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
      cause = thrown;
      causes++;
      context.close();
    }
  }
}
