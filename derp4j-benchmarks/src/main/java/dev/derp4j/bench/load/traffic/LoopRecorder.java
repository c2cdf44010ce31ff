package dev.derp4j.bench.load.traffic;

import org.HdrHistogram.Histogram;

/// What one event loop's connections experience between begin and end of the counting.
///
/// Owned by that loop; merged by the main thread after the traffic has ended.
final class LoopRecorder {
  /// Longer delays are recorded as this.
  private static final long LONGEST_NANOS = 60_000_000_000L;

  private final Histogram delay = new Histogram(1000, LONGEST_NANOS, 3);
  private final Histogram pacing = new Histogram(1000, LONGEST_NANOS, 3);
  private final long lateAfterNanos;
  private boolean counting;
  private long relayedPackets;
  private long relayedBytes;
  private long late;
  private long refused;
  private long foreign;

  /// @param lateAfterNanos a packet delivered later than this after its due time counts as late
  LoopRecorder(long lateAfterNanos) {
    this.lateAfterNanos = lateAfterNanos;
  }

  void begin() {
    counting = true;
  }

  void end() {
    counting = false;
  }

  /// A packet arrived, whenever it was sent: volumes count by the clock.
  void relayed(int length) {
    if (counting) {
      relayedPackets++;
      relayedBytes += length;
    }
  }

  /// A packet that was sent in the counted time arrived, be it after that, so long after it was
  /// due.
  void delayed(long nanos) {
    delay.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
    if (nanos > lateAfterNanos) {
      late++;
    }
  }

  /// A burst was sent this long after it was due.
  void paced(long lagNanos) {
    if (counting) {
      pacing.recordValue(Math.clamp(lagNanos, 0, LONGEST_NANOS));
    }
  }

  /// A packet was not sent because the connection's send buffer was full.
  void refused() {
    if (counting) {
      refused++;
    }
  }

  /// A packet arrived that the generator has not made.
  void foreign() {
    foreign++;
  }

  Histogram delay() {
    return delay;
  }

  Histogram pacing() {
    return pacing;
  }

  long relayedPackets() {
    return relayedPackets;
  }

  long relayedBytes() {
    return relayedBytes;
  }

  long late() {
    return late;
  }

  long refusedPackets() {
    return refused;
  }

  long foreignPackets() {
    return foreign;
  }
}
