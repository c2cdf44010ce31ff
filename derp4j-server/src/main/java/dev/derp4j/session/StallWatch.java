package dev.derp4j.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Closes connections whose data the kernel has stopped taking.
///
/// Only connections with unsent data are watched, so that an idle connection costs nothing. At each
/// tick the first unsent buffer is compared with what it was at the last one; a connection where
/// nothing of it has moved for the write timeout is closed. Owned by the event loop.
final class StallWatch {
  /// What was seen of a connection at the last tick that showed progress.
  private static final class Mark {
    private @Nullable ByteBuf head;
    private int headBytes;
    private long sinceNanos;
  }

  private final IdentityHashMap<Outlet, Mark> watched = new IdentityHashMap<>();

  /// Starts to watch a connection that has unsent data, unless it is watched already.
  void watch(Outlet outlet, long nowNanos) {
    if (!watched.containsKey(outlet) && outlet.writeTimeoutNanos() > 0) {
      Mark mark = new Mark();
      note(mark, pendingHead(outlet), nowNanos);
      watched.put(outlet, mark);
    }
  }

  /// Stops watching a connection that closed.
  void forget(Outlet outlet) {
    watched.remove(outlet);
  }

  /// Looks at every watched connection once.
  void tick(long nowNanos) {
    if (watched.isEmpty()) {
      return;
    }
    for (Outlet outlet : List.copyOf(watched.keySet())) {
      Mark mark = watched.get(outlet);
      if (mark != null) {
        check(outlet, mark, nowNanos);
      }
    }
  }

  /// Compares buffers by identity: the question is whether it is the same one, not the same bytes.
  @SuppressWarnings("ReferenceEquality")
  private void check(Outlet outlet, Mark mark, long nowNanos) {
    ByteBuf head = pendingHead(outlet);
    if (head == null) {
      watched.remove(outlet);
    } else if (head != mark.head || head.readableBytes() != mark.headBytes) {
      note(mark, head, nowNanos);
    } else if (nowNanos - mark.sinceNanos >= outlet.writeTimeoutNanos()) {
      watched.remove(outlet);
      outlet.writeTimedOut();
    }
  }

  private static @Nullable ByteBuf pendingHead(Outlet outlet) {
    ChannelOutboundBuffer pending = outlet.channel().unsafe().outboundBuffer();
    return pending != null && pending.current() instanceof ByteBuf head ? head : null;
  }

  private static void note(Mark mark, @Nullable ByteBuf head, long nowNanos) {
    mark.head = head;
    mark.headBytes = head == null ? 0 : head.readableBytes();
    mark.sinceNanos = nowNanos;
  }
}
