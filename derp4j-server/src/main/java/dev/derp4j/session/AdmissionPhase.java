package dev.derp4j.session;

import dev.derp4j.admission.Admission;
import dev.derp4j.admission.Verdict;
import dev.derp4j.metrics.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The phase of a client that has introduced itself while others are asked whether it may come in.
///
/// Nothing is read meanwhile; what was under way through TLS when reading stopped is kept, up to a
/// bound. The connection may end at any time: the asking is called off then, and an answer that
/// comes nevertheless changes nothing.
///
/// Owned by the connection's event loop.
final class AdmissionPhase extends ChannelInboundHandlerAdapter {
  /// More than one read of the socket can bring.
  private static final int MAX_HELD = 256 * 1024;

  /// Those who ask keep to their own limit. This one is for their faults.
  private static final long BACKSTOP_MILLIS = Admission.LIMIT.toMillis() + 1_000;

  private final RelayEntry entry;
  private @Nullable ByteBuf held;
  private @Nullable Future<?> asking;
  private @Nullable ScheduledFuture<?> backstop;
  private boolean decided;

  /// @param rest what came behind ClientInfo; its reference is taken over
  AdmissionPhase(RelayEntry entry, ByteBuf rest) {
    this.entry = entry;
    this.held = rest;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(false);
    backstop =
        ctx.executor()
            .schedule(
                () -> reject(ctx, "no verdict in time"), BACKSTOP_MILLIS, TimeUnit.MILLISECONDS);
    asking =
        entry
            .services()
            .admission()
            .verify(entry.newcomer(), verdict -> entry.loop().execute(() -> decide(ctx, verdict)));
  }

  private void decide(ChannelHandlerContext ctx, Verdict verdict) {
    if (decided) {
      return;
    }
    switch (verdict) {
      case Verdict.Rejected rejected -> reject(ctx, rejected.why());
      case Verdict.Admitted admitted -> enter(ctx, admitted);
    }
  }

  private void enter(ChannelHandlerContext ctx, Verdict.Admitted verdict) {
    finish();
    ByteBuf rest = held;
    held = null;
    entry.enter(ctx, this, verdict, rest == null ? Unpooled.EMPTY_BUFFER : rest);
    // Last, since reading may start right away.
    ctx.channel().config().setAutoRead(true);
  }

  private void reject(ChannelHandlerContext ctx, String why) {
    if (!decided) {
      finish();
      entry.services().log().rejected(entry.remote(), entry.identity().key(), why);
      ctx.close();
    }
  }

  private void finish() {
    decided = true;
    if (backstop != null) {
      backstop.cancel(false);
      backstop = null;
    }
    if (asking != null) {
      asking.cancel(true);
      asking = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    ByteBuf before = held;
    if (decided || before == null) {
      in.release();
    } else if (before.readableBytes() + in.readableBytes() > MAX_HELD) {
      in.release();
      reject(ctx, "more than " + MAX_HELD + " bytes before its admission");
    } else {
      held = HandshakePhase.appended(ctx, before, in);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!decided) {
      finish();
      entry.services().metrics().closed(CloseReason.CLOSED_BY_PEER);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    finish();
    if (held != null) {
      held.release();
      held = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!decided) {
      finish();
      entry.services().log().failed(entry.remote(), cause);
      ctx.close();
    }
  }
}
