package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Two connections that carry each other's bytes.
///
/// Backpressure: a side is read only while the other one is writable, so that a tunnel holds one
/// read in each direction beside what the high-water mark lets in. A side that has said all it has
/// to say closes the other one's output and may still listen; where nothing moves either way for
/// the idle time, both are closed.
///
/// Owned by the event loop that both connections share.
final class Tunnel {
  /// Longer than the pauses of a control connection, which says something every minute.
  static final Duration IDLE = Duration.ofMinutes(15);

  private final Channel client;
  private final Channel server;
  private final Metrics metrics;
  private final long idleNanos;
  private long movedNanos;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable CloseReason reason;
  private boolean counted;

  Tunnel(Channel client, Channel server, Metrics metrics, Duration idle) {
    this.client = client;
    this.server = server;
    this.metrics = metrics;
    this.idleNanos = idle.toNanos();
  }

  /// The handler that takes the place of HTTP in the client's pipeline.
  ChannelInboundHandlerAdapter clientSide() {
    return new Side(server, true);
  }

  /// Begins to carry bytes; the client's side is in its pipeline already.
  void start() {
    server.pipeline().addLast("tunnel", new Side(client, false));
    moved();
    watch(idleNanos);
    server.config().setAutoRead(true);
    if (!client.isActive()) {
      server.close();
    } else if (!server.isActive()) {
      client.close();
    }
  }

  private void moved() {
    movedNanos = client.eventLoop().ticker().nanoTime();
  }

  private void watch(long nanos) {
    timer = client.eventLoop().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
  }

  private void look() {
    long left = movedNanos + idleNanos - client.eventLoop().ticker().nanoTime();
    if (left > 0) {
      watch(left);
    } else {
      end(CloseReason.HTTP_TIMEOUT);
    }
  }

  private void end(CloseReason why) {
    if (reason == null) {
      reason = why;
    }
    client.close();
    server.close();
  }

  private void clientGone() {
    if (!counted) {
      counted = true;
      metrics.closed(reason == null ? CloseReason.HTTP_DONE : reason);
    }
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /// What reads one connection and writes the other.
  private final class Side extends ChannelInboundHandlerAdapter {
    private final Channel other;
    private final boolean isClient;
    private boolean saidAll;

    Side(Channel other, boolean isClient) {
      this.other = other;
      this.isClient = isClient;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (!other.isActive()) {
        ReferenceCountUtil.release(message);
        return;
      }
      moved();
      other.write(message, other.voidPromise());
      if (!other.isWritable()) {
        ctx.channel().config().setAutoRead(false);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      other.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (ctx.channel().isWritable()) {
        moved();
        other.config().setAutoRead(true);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      boolean ended =
          event instanceof ChannelInputShutdownEvent
              || (event instanceof SslCloseCompletionEvent close && close.isSuccess());
      if (ended && !saidAll) {
        saidAll = true;
        other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> closeOutput());
      }
    }

    private void closeOutput() {
      if (isClient) {
        ((DuplexChannel) other).shutdownOutput();
      } else {
        Ending.closeOutput(other);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (isClient) {
        clientGone();
      }
      other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      end(Faults.reason(ctx.channel(), cause));
    }
  }
}
