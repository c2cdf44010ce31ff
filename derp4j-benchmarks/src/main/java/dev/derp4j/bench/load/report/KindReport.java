package dev.derp4j.bench.load.report;

/// What became of the packets of one kind; a relay queues disco apart from everything else.
///
/// @param sent packets handed to the socket in the counted time
/// @param delivered of these, those that arrived
/// @param lost of these, those that did not
/// @param reordered delivered after one of the same kind that was sent later
public record KindReport(long sent, long delivered, long lost, long reordered) {}
