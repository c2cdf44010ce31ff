package dev.derp4j.http;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// How many lines of one kind strangers can make us log: a number in each stretch of time.
/// Thread-safe.
final class LogBudget {
  private final int lines;
  private final long stretchNanos;
  private final LongSupplier nanoTime;
  private long stretchStart;
  private int used;

  LogBudget(int lines, int seconds) {
    this(lines, seconds, System::nanoTime);
  }

  LogBudget(int lines, int seconds, LongSupplier nanoTime) {
    this.lines = lines;
    this.stretchNanos = TimeUnit.SECONDS.toNanos(seconds);
    this.nanoTime = nanoTime;
    this.stretchStart = nanoTime.getAsLong();
  }

  /// Takes a line from the budget if one is left.
  synchronized boolean allows() {
    long now = nanoTime.getAsLong();
    if (now - stretchStart >= stretchNanos) {
      stretchStart = now;
      used = 0;
    }
    return used++ < lines;
  }
}
