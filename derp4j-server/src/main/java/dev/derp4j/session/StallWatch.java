package dev.derp4j.session;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Closes connections whose data the kernel has stopped taking.
///
/// Only connections with unsent data are on the list, so that an idle connection costs nothing. At
/// each tick the first unsent buffer is compared with what it was at the last one; a connection
/// where nothing of it has moved for the write timeout is closed. Owned by the event loop.
final class StallWatch {
  /// What was seen of a connection at the last tick that showed progress.
  static final class Mark {
    private @Nullable ByteBuf head;
    private int headBytes;
    private long sinceNanos;
  }

  private final List<RelaySession> watched = new ArrayList<>();

  /// Starts to watch a connection that has unsent data, unless it is watched already.
  void watch(RelaySession session, long nowNanos) {
    if (session.stall == null && session.writeTimeoutNanos() > 0) {
      Mark mark = new Mark();
      note(mark, session.pendingHead(), nowNanos);
      session.stall = mark;
      watched.add(session);
    }
  }

  /// Stops watching a connection that closed.
  void forget(RelaySession session) {
    session.stall = null;
  }

  /// Looks at every watched connection once.
  void tick(long nowNanos) {
    if (watched.isEmpty()) {
      return;
    }
    for (RelaySession session : List.copyOf(watched)) {
      Mark mark = session.stall;
      if (mark != null) {
        check(session, mark, nowNanos);
      }
    }
    watched.removeIf(session -> session.stall == null);
  }

  /// Compares buffers by identity: the question is whether it is the same one, not the same bytes.
  @SuppressWarnings("ReferenceEquality")
  private static void check(RelaySession session, Mark mark, long nowNanos) {
    ByteBuf head = session.pendingHead();
    if (head == null) {
      session.stall = null;
    } else if (head != mark.head || head.readableBytes() != mark.headBytes) {
      note(mark, head, nowNanos);
    } else if (nowNanos - mark.sinceNanos >= session.writeTimeoutNanos()) {
      session.stall = null;
      session.writeTimedOut();
    }
  }

  private static void note(Mark mark, @Nullable ByteBuf head, long nowNanos) {
    mark.head = head;
    mark.headBytes = head == null ? 0 : head.readableBytes();
    mark.sinceNanos = nowNanos;
  }
}
