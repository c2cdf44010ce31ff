package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// What became of the connects.
///
/// @param connects handshakes done in the counted time
/// @param failed attempts that ended otherwise
/// @param firstFailure why the first of them did
/// @param perSecond connects per second
/// @param time from the start of TCP to the end of the DERP handshake
public record ConnectReport(
    long connects,
    long failed,
    @Nullable String firstFailure,
    double perSecond,
    Percentiles time) {}
