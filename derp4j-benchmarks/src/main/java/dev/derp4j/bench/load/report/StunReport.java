package dev.derp4j.bench.load.report;

/// What became of STUN requests.
///
/// @param requests sent in the counted time
/// @param answers right ones that came in it
/// @param answersPerSecond the same, per second
/// @param lost requests that had no answer after a second
/// @param refused requests by the clock that were not sent, since so many were without an answer
/// @param wrong datagrams that are no answer to a request under way, or that name another address
///     than the first answer on the same socket did
/// @param translated whether the server sees other addresses than our sockets have
public record StunReport(
    long requests,
    long answers,
    double answersPerSecond,
    long lost,
    long refused,
    long wrong,
    boolean translated) {}
