package dev.derp4j.admission;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The room's one clock: ends what takes too long, and starts what is due. Its thread starts with
/// its first task; tasks must be short. Thread-safe.
public final class Watchdog implements AutoCloseable {
  private final ScheduledThreadPoolExecutor executor;

  public Watchdog() {
    executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("derp4j-admission").daemon().unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
  }

  Future<?> after(Duration time, Runnable task) {
    return executor.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
  }

  void every(Duration time, Runnable task) {
    executor.scheduleWithFixedDelay(task, time.toNanos(), time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Nothing is ended or started from here on.
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
