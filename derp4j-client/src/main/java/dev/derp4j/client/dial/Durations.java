package dev.derp4j.client.dial;

import java.time.Duration;

/// Durations in messages.
final class Durations {
  private Durations() {}

  /// Such as `10 s` or `1500 ms`.
  static String text(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }
}
