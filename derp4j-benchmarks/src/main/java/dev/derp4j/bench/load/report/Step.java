package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// One rung of a ladder of offered loads.
///
/// @param offeredPerSecond packets per second that the schedule asked for
/// @param traffic what became of them
/// @param delay from a packet's due time to its arrival
/// @param conditions under what conditions it was counted
/// @param serverCpuMicros processor time of the server per packet that arrived, in µs; absent where
///     it is unknown
public record Step(
    double offeredPerSecond,
    TrafficReport traffic,
    Percentiles delay,
    Conditions conditions,
    @Nullable Double serverCpuMicros) {}
