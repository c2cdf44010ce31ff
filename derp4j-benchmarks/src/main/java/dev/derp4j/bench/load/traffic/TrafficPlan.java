package dev.derp4j.bench.load.traffic;

import java.time.Duration;

/// What traffic to make, and for how long.
///
/// @param pairs number of senders, each with a receiver of its own
/// @param shape what the packets look like
/// @param pacing when they are sent
/// @param warmup traffic before the counting begins
/// @param duration how long is counted
/// @param lateAfter a packet delivered later than this after it was due counts as late
/// @param seed makes sizes, fillers and schedules the same in every run
public record TrafficPlan(
    int pairs,
    PacketShape shape,
    Pacing pacing,
    Duration warmup,
    Duration duration,
    Duration lateAfter,
    long seed) {

  /// The same with another warm-up.
  public TrafficPlan warmedUpFor(Duration time) {
    return new TrafficPlan(pairs, shape, pacing, time, duration, lateAfter, seed);
  }

  /// When packets are sent.
  public sealed interface Pacing {}

  /// Each arrival makes room for the next packet.
  ///
  /// @param window packets in flight per pair
  public record Window(int window) implements Pacing {}

  /// By the clock, whatever arrives.
  ///
  /// @param packetsPerSecond of all pairs together
  /// @param smallestBurst fewest packets that one sender sends back to back
  /// @param largestBurst the most
  /// @param spin whether the event loops never sleep
  public record Rate(double packetsPerSecond, int smallestBurst, int largestBurst, boolean spin)
      implements Pacing {}
}
