package dev.derp4j.bench.load.traffic;

import java.util.SplittableRandom;

/// When a sender is to send its next burst, and of how many packets.
///
/// ```text
///   burst of 3        burst of 2     burst of 4
///   |||               ||             ||||             time →
///   '------ 3/rate ---'--- 2/rate ---'------ 4/rate ------
/// ```
///
/// The pause after a burst is proportional to its size, times a factor drawn evenly from 0.5 to
/// 1.5, so that the senders neither march in step nor leave the rate. Times follow from the
/// schedule alone: a sender that is late sends late, and the time by which it should have sent
/// stays what it was.
final class BurstSchedule {
  private final SplittableRandom random;
  private final double nanosPerPacket;
  private final int smallest;
  private final int largest;
  private long due;
  private int size;

  /// @param packetsPerSecond what this one sender offers
  /// @param start the schedule begins within one mean burst interval after this time
  BurstSchedule(long seed, double packetsPerSecond, int smallest, int largest, long start) {
    this.random = new SplittableRandom(seed);
    this.nanosPerPacket = 1e9 / packetsPerSecond;
    this.smallest = smallest;
    this.largest = largest;
    this.size = draw();
    this.due = start + (long) (random.nextDouble() * nanosPerPacket * (smallest + largest) / 2);
  }

  /// When the current burst is due, in terms of [System#nanoTime].
  long due() {
    return due;
  }

  /// How many packets it has.
  int size() {
    return size;
  }

  /// Goes on to the next burst.
  void advance() {
    due += (long) (size * nanosPerPacket * (0.5 + random.nextDouble()));
    size = draw();
  }

  private int draw() {
    return smallest == largest ? smallest : random.nextInt(smallest, largest + 1);
  }
}
