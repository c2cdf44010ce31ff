package dev.derp4j.session;

import io.netty.channel.EventLoop;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Whose reading goes on when, on one event loop: one timer for all who wait. Owned by the loop.
final class PausedReads {
  private static final long LEAST_WAIT_NANOS = 1_000_000;

  private final EventLoop executor;
  private final LongSupplier clock;
  private final PriorityQueue<ReadMeter> waiting =
      new PriorityQueue<>(Comparator.comparingLong(meter -> meter.resumeNanos));
  private @Nullable ScheduledFuture<?> alarm;
  private long alarmNanos;

  PausedReads(EventLoop executor, LongSupplier clock) {
    this.executor = executor;
    this.clock = clock;
  }

  /// Has [ReadMeter#timeIsOver] called at its time.
  void add(ReadMeter meter) {
    waiting.add(meter);
    setAlarm();
  }

  void remove(ReadMeter meter) {
    waiting.remove(meter);
  }

  private void setAlarm() {
    ReadMeter first = waiting.peek();
    if (first == null || (alarm != null && alarmNanos <= first.resumeNanos)) {
      return;
    }
    if (alarm != null) {
      alarm.cancel(false);
    }
    alarmNanos = first.resumeNanos;
    long nanos = Math.max(LEAST_WAIT_NANOS, alarmNanos - clock.getAsLong());
    alarm = executor.schedule(this::ring, nanos, TimeUnit.NANOSECONDS);
  }

  private void ring() {
    alarm = null;
    long now = clock.getAsLong();
    for (ReadMeter first = waiting.peek();
        first != null && first.resumeNanos <= now;
        first = waiting.peek()) {
      waiting.poll();
      first.timeIsOver();
    }
    setAlarm();
  }
}
