package dev.derp4j.transport;

import dev.derp4j.metrics.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The first phase of a connection from a proxy: reads the PROXY header, lets the rest of the
/// pipeline come to be, and hands it the bytes behind the header.
///
/// Holds no more than a header's longest and one read. Owned by the connection's event loop.
final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter {
  private final ProxyHeaders settings;
  private final Consumer<ChannelPipeline> rest;
  private @Nullable ByteBuf collected;
  private @Nullable ScheduledFuture<?> deadline;
  private boolean ended;

  ProxyHeaderHandler(ProxyHeaders settings, Consumer<ChannelPipeline> rest) {
    this.settings = settings;
    this.rest = rest;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        ctx.executor()
            .schedule(
                () -> refuse(ctx, "no whole PROXY header in time"),
                settings.deadlineMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (ended) {
      in.release();
      return;
    }
    if (collected == null) {
      collected = in;
    } else {
      ByteBuf both = ctx.alloc().buffer(collected.readableBytes() + in.readableBytes());
      both.writeBytes(collected).writeBytes(in);
      collected.release();
      in.release();
      collected = both;
    }
    try {
      ProxyHeader header = ProxyHeader.parse(collected);
      if (header != null) {
        goOn(ctx, header, collected);
      }
    } catch (ProxyHeader.MalformedException malformed) {
      refuse(ctx, String.valueOf(malformed.getMessage()));
    }
  }

  private void goOn(ChannelHandlerContext ctx, ProxyHeader header, ByteBuf bytes) {
    finish();
    collected = null;
    ClientAddress.tell(
        ctx.channel(),
        new ClientAddress(
            header.client() == null ? ctx.channel().remoteAddress() : header.client(), true));
    bytes.skipBytes(header.length());
    rest.accept(ctx.pipeline());
    if (bytes.isReadable()) {
      ctx.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
    ctx.pipeline().remove(this);
  }

  private void refuse(ChannelHandlerContext ctx, String why) {
    if (!ended) {
      finish();
      settings.closed(ctx.channel(), CloseReason.PROXY_HEADER, why);
      ctx.close();
    }
  }

  private void finish() {
    ended = true;
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!ended) {
      finish();
      settings.closed(ctx.channel(), CloseReason.CLOSED_BY_PEER, "");
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!ended) {
      finish();
      settings.closed(ctx.channel(), CloseReason.RESET, "");
      ctx.close();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    finish();
    if (collected != null) {
      collected.release();
      collected = null;
    }
  }
}
