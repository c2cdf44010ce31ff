package dev.derp4j.client.dial;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One HTTP request whose answer is to leave the connection to another protocol: an upgrade, or a
/// tunnel.
///
/// The answer's head may have 16 KiB, its status line among them. What follows the head belongs to
/// the next protocol: it flows on to the handler that the future's completion puts behind this one,
/// which then takes itself and the codec out. Any other status is a failure that tells the status
/// and up to 1 KiB of the body. Owned by the channel's event loop.
final class HttpExchange extends SimpleChannelInboundHandler<HttpObject> {
  private static final int MAX_HEAD = 16 * 1024;
  private static final int MAX_LINE = 4 * 1024;
  private static final int SHOWN_BODY = 1024;
  private static final String CODEC = "http";
  private static final String EXCHANGE = "exchange";

  private final CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
  private final int wanted;
  private final ByteBuf body = Unpooled.buffer(0, SHOWN_BODY);
  private @Nullable HttpResponse head;

  private HttpExchange(int wanted) {
    this.wanted = wanted;
  }

  /// Sends the request and awaits an answer with this status.
  static CompletableFuture<HttpResponse> send(
      Channel channel, FullHttpRequest request, int wantedStatus) {
    HttpExchange exchange = new HttpExchange(wantedStatus);
    HttpDecoderConfig limits =
        new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(MAX_HEAD);
    channel.pipeline().addLast(CODEC, new HttpClientCodec(limits, false, false));
    channel.pipeline().addLast(EXCHANGE, exchange);
    channel
        .writeAndFlush(request)
        .addListener(
            written -> {
              if (!written.isSuccess()) {
                exchange.fail(Reasons.of(written.cause()));
              }
            });
    channel.config().setAutoRead(true);
    return exchange.answer;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (answer.isDone()) {
      return;
    }
    if (message.decoderResult().isFailure()) {
      fail("the answer is no HTTP: " + Reasons.of(message.decoderResult().cause()));
      return;
    }
    if (message instanceof HttpResponse response) {
      head = response;
    }
    if (message instanceof HttpContent content) {
      body.writeBytes(
          content.content(), Math.min(content.content().readableBytes(), body.maxWritableBytes()));
      HttpResponse response = head;
      if (response != null && response.status().code() == wanted) {
        proceed(ctx, response);
      } else if (message instanceof LastHttpContent || !body.isWritable(1)) {
        refused();
      }
    }
  }

  private void proceed(ChannelHandlerContext ctx, HttpResponse response) {
    answer.complete(response);
    ctx.pipeline().remove(this);
    ctx.pipeline().remove(CODEC);
  }

  private void refused() {
    HttpResponse response = head;
    if (response != null) {
      String text = body.toString(StandardCharsets.UTF_8).strip();
      fail(
          "the answer was "
              + Reasons.line(response.status().toString(), "")
              + (text.isEmpty() ? "" : ": " + Reasons.quoted(text)));
    }
  }

  private void fail(String reason) {
    answer.completeExceptionally(new StepFailure(reason));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    refused();
    fail("the connection was closed before an answer");
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    answer.completeExceptionally(cause);
  }
}
