package dev.derp4j.bench.load.traffic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Asks Linux to wake the calling thread on time.
///
/// By default the kernel may put a sleeper's wake-up off by 50 µs to save power, more than the
/// delays that are to be measured. Elsewhere, or where `/proc` does not allow it, nothing happens.
final class TimerSlack {
  private TimerSlack() {}

  static void minimize() {
    try {
      Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
      if (thread != null) {
        Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1");
      }
    } catch (IOException | UnsupportedOperationException e) {
      // The delays are then some 50 µs longer, which the recorded pacing lag shows.
    }
  }
}
