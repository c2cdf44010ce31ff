package dev.derp4j.client.dial;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayDeque;
import java.util.Deque;

/// Keeps what comes behind ServerInfo until the consumer's handler is there.
///
/// Reading is switched off, so what it keeps is the rest of the read that was under way: bounded by
/// the size of one read, or of one WebSocket message. Owned by the channel's event loop.
final class Gate extends ChannelInboundHandlerAdapter {
  static final String NAME = "gate";

  private final ChannelPipeline pipeline;
  private final Deque<ByteBuf> kept = new ArrayDeque<>();
  private boolean ended;
  private boolean handedOver;

  Gate(ChannelPipeline pipeline) {
    this.pipeline = pipeline;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(false);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    keep((ByteBuf) message);
  }

  /// Takes over the buffer's count.
  void keep(ByteBuf bytes) {
    kept.add(bytes);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended = true; // between this and the handlers' removal nobody else is told
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    while (!kept.isEmpty()) {
      kept.remove().release();
    }
  }

  void handOver(String name, ChannelHandler next) {
    if (!pipeline.channel().eventLoop().inEventLoop()) {
      throw new IllegalStateException("a link is handed over on its channel's event loop");
    }
    if (handedOver) {
      throw new IllegalStateException("the link has been handed over before");
    }
    handedOver = true;
    ChannelHandlerContext own = pipeline.context(this);
    if (own == null) { // the connection has ended, and closing took all handlers away
      pipeline.addLast(name, next);
      pipeline.fireChannelInactive();
      return;
    }
    pipeline.addAfter(NAME, name, next);
    while (!kept.isEmpty()) {
      own.fireChannelRead(kept.remove());
    }
    own.fireChannelReadComplete();
    if (ended) {
      own.fireChannelInactive();
    }
    pipeline.remove(this);
    pipeline.channel().config().setAutoRead(true);
  }
}
