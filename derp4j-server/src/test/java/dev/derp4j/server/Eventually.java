package dev.derp4j.server;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/// Waiting for what other threads bring about.
final class Eventually {
  /// What nothing takes on a healthy machine; it is there to end a hang, not to be measured.
  static final Duration LIMIT = Duration.ofSeconds(60);

  private Eventually() {}

  /// Returns when the assertion holds; its last failure is the test's if it never does.
  static void eventually(ThrowingRunnable assertion) {
    Awaitility.await()
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .atMost(LIMIT)
        .untilAsserted(assertion);
  }
}
