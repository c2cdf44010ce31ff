package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// What a server costs that has just been started and has no clients.
///
/// @param starts how many were counted
/// @param millis from the start of its process to the end of its first HTTPS answer: the median
/// @param fastestMillis the shortest
/// @param slowestMillis the longest
/// @param memory of the last one, a while after its first answer
public record StartReport(
    int starts,
    double millis,
    double fastestMillis,
    double slowestMillis,
    @Nullable Memory memory) {}
