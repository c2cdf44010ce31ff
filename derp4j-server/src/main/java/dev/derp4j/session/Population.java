package dev.derp4j.session;

import java.util.concurrent.atomic.LongAdder;

/// How many of the present connections said what of themselves. Thread-safe.
///
/// @param home those whose client calls this node its home
/// @param notIdeal those whose client would rather be on another node of the region
public record Population(LongAdder home, LongAdder notIdeal) {
  /// Nobody yet.
  public Population() {
    this(new LongAdder(), new LongAdder());
  }
}
