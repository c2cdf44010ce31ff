package dev.derp4j.http;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one timer of a connection in its HTTP phase.
///
/// Moving the deadline further away costs nothing: the timer fires at the old time, sees that it is
/// too early, and is set again. Owned by the connection's event loop.
final class Deadline {
  private final Channel channel;
  private final Runnable expired;
  private long dueNanos;
  private long timerNanos;
  private @Nullable ScheduledFuture<?> timer;

  Deadline(Channel channel, Runnable expired) {
    this.channel = channel;
    this.expired = expired;
  }

  /// Sets the deadline, in place of any earlier one.
  void in(long millis) {
    dueNanos = now() + TimeUnit.MILLISECONDS.toNanos(millis);
    if (timer == null || dueNanos - timerNanos < 0) {
      schedule();
    }
  }

  /// There is no deadline any more, and nothing left of it.
  void cancel() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void schedule() {
    cancel();
    timerNanos = dueNanos;
    timer = channel.eventLoop().schedule(this::fire, dueNanos - now(), TimeUnit.NANOSECONDS);
  }

  private void fire() {
    timer = null;
    if (dueNanos - now() > 0) {
      schedule();
    } else {
      expired.run();
    }
  }

  private long now() {
    return channel.eventLoop().ticker().nanoTime();
  }
}
