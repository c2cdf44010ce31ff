package dev.derp4j.bench.load.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/// Says the first bytes, and nothing more. What comes is thrown away.
final class BeginningHandler extends ChannelInboundHandlerAdapter {
  private final ByteBuf first;
  private final CompletableFuture<Channel> begun;

  /// @param first not to be released
  BeginningHandler(ByteBuf first, CompletableFuture<Channel> begun) {
    this.first = first;
    this.begun = begun;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (ctx.pipeline().get(SslHandler.class) == null) {
      begin(ctx);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls && tls.isSuccess()) {
      begin(ctx);
    }
  }

  private void begin(ChannelHandlerContext ctx) {
    if (first.isReadable()) {
      ctx.writeAndFlush(first.duplicate(), ctx.voidPromise());
    }
    begun.complete(ctx.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    begun.completeExceptionally(new IOException("closed before it began"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    begun.completeExceptionally(cause);
    ctx.close();
  }
}
