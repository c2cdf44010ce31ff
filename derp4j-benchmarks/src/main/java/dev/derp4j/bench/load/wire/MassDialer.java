package dev.derp4j.bench.load.wire;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Starts one connection after the other, with a bound on those in progress and on those started
/// per second.
///
/// Used from one thread, which sleeps while the bounds hold it back. Failures are counted, the
/// first is kept.
public final class MassDialer {
  private final Semaphore free;
  private final int atOnce;
  private final long spacingNanos;
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
  private long nextStart = System.nanoTime();

  /// @param atOnce most connections in progress
  /// @param perSecond most connections started in a second; 0 for no such bound
  public MassDialer(int atOnce, int perSecond) {
    this.free = new Semaphore(atOnce);
    this.atOnce = atOnce;
    this.spacingNanos = perSecond == 0 ? 0 : 1_000_000_000L / perSecond;
  }

  /// Waits for its turn, then starts `attempt`. `done` is told the connection and the time it was
  /// started at, on the connection's event loop.
  public <C> void start(Supplier<CompletableFuture<C>> attempt, BiConsumer<C, Long> done)
      throws InterruptedException {
    free.acquire();
    if (spacingNanos > 0) {
      sleepUntil(nextStart);
      nextStart = Math.max(nextStart + spacingNanos, System.nanoTime() - spacingNanos);
    }
    long startedAt = System.nanoTime();
    attempt
        .get()
        .whenComplete(
            (connection, failure) -> {
              if (failure == null) {
                done.accept(connection, startedAt);
              } else {
                failed.incrementAndGet();
                firstFailure.compareAndSet(null, failure);
              }
              free.release();
            });
  }

  private static void sleepUntil(long when) {
    for (long left = when - System.nanoTime(); left > 0; left = when - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /// Waits until nothing is in progress.
  public void drain() throws InterruptedException {
    free.acquire(atOnce);
    free.release(atOnce);
  }

  /// Attempts that did not end in a connection.
  public int failed() {
    return failed.get();
  }

  /// Why the first of them failed.
  public @Nullable Throwable firstFailure() {
    return firstFailure.get();
  }
}
