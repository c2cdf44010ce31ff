package dev.derp4j.session;

import java.util.LinkedHashMap;
import java.util.Map;

/// Lets a number of log lines per key and period through and counts the rest.
///
/// Remembers a bounded number of keys, the least recently started going first. Thread-safe.
///
/// @param <K> what lines are grouped by
final class LineLimiter<K> {
  private static final int MAX_KEYS = 4096;

  private static final class Window {
    long startNanos;
    int lines;
    long suppressed;
  }

  private final int linesPerPeriod;
  private final long periodNanos;
  private final Map<K, Window> windows = new LinkedHashMap<>();

  LineLimiter(int linesPerPeriod, long periodNanos) {
    this.linesPerPeriod = linesPerPeriod;
    this.periodNanos = periodNanos;
  }

  long admit(K key) {
    return admit(key, System.nanoTime());
  }

  /// Asks to log a line.
  ///
  /// @return negative if the line is to be left out, else how many were left out before it since
  ///     this was last told
  synchronized long admit(K key, long nowNanos) {
    Window window = windows.get(key);
    if (window == null) {
      if (windows.size() == MAX_KEYS) {
        windows.remove(windows.keySet().iterator().next());
      }
      window = new Window();
      window.startNanos = nowNanos;
      windows.put(key, window);
    } else if (nowNanos - window.startNanos >= periodNanos) {
      window.startNanos = nowNanos;
      window.lines = 0;
    }
    if (window.lines == linesPerPeriod) {
      window.suppressed++;
      return -1;
    }
    window.lines++;
    long left = window.suppressed;
    window.suppressed = 0;
    return left;
  }
}
