package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// What became of the packets.
///
/// The first two count arrivals by the clock, and processor time is divided by them. The others
/// follow each packet that was sent in the counted time to its end, however late.
///
/// @param relayedPackets packets that arrived while counting
/// @param relayedBytes their payloads
/// @param packetsPerSecond the first, per second
/// @param megabitsPerSecond the second, in 10^6 bits per second
/// @param sent packets handed to the socket
/// @param delivered of these, those that arrived
/// @param lost of these, those that did not
/// @param reordered delivered after one that was sent later
/// @param duplicated arrivals beyond a packet's first
/// @param late delivered later than the limit after they were due
/// @param refused not sent, because the connection's send buffer was full
/// @param foreign arrivals that the generator has not made
/// @param data the packets that look like WireGuard's; absent in a run without disco
/// @param disco the packets that look like disco; absent in a run without
public record TrafficReport(
    long relayedPackets,
    long relayedBytes,
    double packetsPerSecond,
    double megabitsPerSecond,
    long sent,
    long delivered,
    long lost,
    long reordered,
    long duplicated,
    long late,
    long refused,
    long foreign,
    @Nullable KindReport data,
    @Nullable KindReport disco) {}
