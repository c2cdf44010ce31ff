package dev.derp4j.tls;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The one thread on which certificates are made, one after the other. It does what event loops
/// must not: files, keys, waiting for an authority.
///
/// Thread-safe. A task that fails is logged in one line and does not keep the next from running.
final class CertificateTimer implements AutoCloseable {
  private final Consumer<String> log;
  private final ScheduledThreadPoolExecutor executor;

  CertificateTimer(Consumer<String> log) {
    this.log = log;
    executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("derp4j-certificates").daemon().unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
  }

  /// Runs the task now, or after those that are waiting. Nothing happens after [#close].
  void run(Runnable task) {
    if (!executor.isShutdown()) {
      executor.execute(() -> attempt(task));
    }
  }

  /// Runs the task once, behind a pause. Nothing happens after [#close].
  void after(Duration pause, Runnable task) {
    if (!executor.isShutdown()) {
      executor.schedule(() -> attempt(task), pause.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /// Runs the task behind each pause.
  void every(long pause, TimeUnit unit, Runnable task) {
    executor.scheduleWithFixedDelay(() -> attempt(task), pause, pause, unit);
  }

  private void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException fault) {
      log.accept("tls: internal error while renewing certificates: " + fault);
    }
  }

  /// Interrupts what is running and forgets the rest.
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
