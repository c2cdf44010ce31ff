package dev.derp4j.stunserver;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// What a server does when reading fails: count, say so once in a while, wait, try again.
///
/// The waits grow from 1 ms to 1 s while failures follow each other, so that a broken socket costs
/// no CPU; one success resets them. At most one line a minute is logged. Owned by the server's
/// thread, but for [#stop], which anyone may call and which ends a wait at once.
final class ReadFailures {
  private static final long LONGEST_WAIT_MILLIS = 1000;
  private static final long NANOS_BETWEEN_LINES = TimeUnit.MINUTES.toNanos(1);

  private final StunMetrics metrics;
  private final Consumer<String> log;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private long waitMillis = 1;
  private boolean logged;
  private long lastLine;

  ReadFailures(StunMetrics metrics, Consumer<String> log) {
    this.metrics = metrics;
    this.log = log;
  }

  void failed(String why) {
    metrics.readError.increment();
    long now = System.nanoTime();
    if (!logged || now - lastLine > NANOS_BETWEEN_LINES) {
      logged = true;
      lastLine = now;
      log.accept("STUN ReadFrom: " + why);
    }
    try {
      boolean ended = stopped.await(waitMillis, TimeUnit.MILLISECONDS);
      waitMillis = ended ? 1 : Math.min(2 * waitMillis, LONGEST_WAIT_MILLIS);
    } catch (InterruptedException e) {
      // Nobody interrupts this thread on purpose, and an interrupt is no reason to stop serving.
      waitMillis = LONGEST_WAIT_MILLIS;
    }
  }

  void succeeded() {
    waitMillis = 1;
  }

  void stop() {
    stopped.countDown();
  }
}
