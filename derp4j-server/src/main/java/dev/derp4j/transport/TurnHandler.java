package dev.derp4j.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Stands first in the pipeline of a connection that is still beginning: what it sends waits for
/// its turn ([Turns]). To be removed once the connection carries packets or is a tunnel.
///
/// Order stays what it was: an end of the stream, or any other event, is passed on behind the bytes
/// that came before it. Of bytes that wait there are at most [#MOST_WAITING] and one read; a
/// connection that sends more has its turn at once. Nothing is passed on while reading is off.
///
/// Owned by the connection's event loop.
final class TurnHandler extends ChannelDuplexHandler {
  /// The largest record of TLS.
  static final int MOST_WAITING = 16 * 1024;

  private final Turns turns;
  private final Queue<ByteBuf> waiting = new ArrayDeque<>(2);
  private @Nullable ChannelHandlerContext self;
  private int bytes;
  private boolean queued;
  private boolean passing;

  /// Whether one read was asked for while reading is off.
  private boolean asked;

  TurnHandler(Turns turns) {
    this.turns = turns;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    self = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    self = null;
    if (passing) {
      return; // The rest follows from there.
    }
    if (ctx.channel().isActive()) {
      passOn(ctx);
    } else {
      waiting.forEach(ByteBuf::release);
      waiting.clear();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    waiting.add(in);
    bytes += in.readableBytes();
    if (bytes > MOST_WAITING) {
      passOnIfReading(ctx);
    }
  }

  /// Comes when nothing more is there to be read for now.
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (waiting.isEmpty()) {
      ctx.fireChannelReadComplete();
    } else {
      queue();
    }
  }

  private void queue() {
    if (!queued) {
      queued = true;
      turns.add(this);
    }
  }

  /// It is this connection's turn.
  void takeTurn() {
    queued = false;
    ChannelHandlerContext ctx = self;
    if (ctx != null) {
      passOnIfReading(ctx);
    }
  }

  /// Passes on what waits, until somebody behind wants no more for now.
  private void passOnIfReading(ChannelHandlerContext ctx) {
    passOn(ctx, () -> asked || self == null || ctx.channel().config().isAutoRead());
  }

  /// Passes on all that waits.
  private void passOn(ChannelHandlerContext ctx) {
    passOn(ctx, () -> true);
  }

  private void passOn(ChannelHandlerContext ctx, BooleanSupplier wanted) {
    if (passing || waiting.isEmpty() || !wanted.getAsBoolean()) {
      return;
    }
    passing = true;
    while (!waiting.isEmpty() && wanted.getAsBoolean()) {
      ByteBuf next = waiting.remove();
      bytes -= next.readableBytes();
      asked = false;
      if (self == null && !ctx.channel().isActive()) {
        next.release(); // There is nobody behind any more.
      } else {
        ctx.fireChannelRead(next);
      }
    }
    passing = false;
    ctx.fireChannelReadComplete();
  }

  /// Reading goes on: what waits is the first to be read.
  @Override
  public void read(ChannelHandlerContext ctx) {
    asked = !ctx.channel().config().isAutoRead();
    if (!waiting.isEmpty() && !passing) {
      queue();
    }
    ctx.read();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    passOn(ctx);
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    passOn(ctx);
    ctx.fireChannelInactive();
  }
}
