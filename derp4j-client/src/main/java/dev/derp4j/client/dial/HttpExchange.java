package dev.derp4j.client.dial;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One HTTP request whose answer is to leave the connection to another protocol: an upgrade, or a
/// tunnel.
///
/// The answer's head may have 16 KiB, its status line among them. HTTP is out of the pipeline when
/// the future is completed; what followed the head belongs to the next protocol, and flows on to
/// the handler that the completion has put behind this one. Any other status is a failure that
/// tells the status and up to 1 KiB of the body. Owned by the channel's event loop.
final class HttpExchange extends ChannelInboundHandlerAdapter {
  private static final int MAX_HEAD = 16 * 1024;
  private static final int MAX_LINE = 4 * 1024;
  private static final int SHOWN_BODY = 1024;

  private final CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
  private final String codec;
  private final int wanted;
  private final Deque<ByteBuf> behind = new ArrayDeque<>();
  private final ByteBuf body = Unpooled.buffer(0, SHOWN_BODY);
  private @Nullable HttpResponse head;

  private HttpExchange(String codec, int wanted) {
    this.codec = codec;
    this.wanted = wanted;
  }

  /// Sends the request and awaits an answer with this status.
  ///
  /// @param name the exchange's name in the pipeline
  static CompletableFuture<HttpResponse> send(
      Channel channel, String name, FullHttpRequest request, int wantedStatus) {
    String codec = name + "-http";
    HttpExchange exchange = new HttpExchange(codec, wantedStatus);
    HttpDecoderConfig limits =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(MAX_HEAD)
            .setStrictLineParsing(false); // old proxies end lines as they like
    PipelineEnd.addBefore(channel.pipeline(), codec, new HttpClientCodec(limits, false, false));
    PipelineEnd.addBefore(channel.pipeline(), name, exchange);
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
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      behind.add(bytes);
      return;
    }
    try {
      if (message instanceof HttpObject part && !answer.isDone()) {
        take(ctx, part);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(ChannelHandlerContext ctx, HttpObject message) {
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
    ctx.pipeline().remove(codec); // hands over what it has read and not decoded
    answer.complete(response);
    while (!behind.isEmpty()) {
      ctx.fireChannelRead(behind.remove());
    }
    ctx.pipeline().remove(this);
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
  public void handlerRemoved(ChannelHandlerContext ctx) {
    while (!behind.isEmpty()) {
      behind.remove().release();
    }
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
