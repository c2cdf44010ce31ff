package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// The server's memory around a storm of connects, read after the settle command.
///
/// @param before after the warm-up, before the storm
/// @param gone after the rest, when all have left
/// @param restSeconds how long the server had to rest
public record StormMemory(@Nullable Memory before, @Nullable Memory gone, double restSeconds) {

  /// Resident pages after, in parts of those before: 1.1 is a tenth more. `NaN` if unknown.
  public double ratio() {
    return before == null || gone == null || before.rss() == 0
        ? Double.NaN
        : (double) gone.rss() / before.rss();
  }
}
