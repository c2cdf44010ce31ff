package dev.derp4j.bench.load.report;

/// What became of connections that begin and never finish.
///
/// @param wanted how many there were to be all the time
/// @param atBegin how many there were when the counting began
/// @param atEnd how many there were when it ended
/// @param ended those that the server had enough of; each was replaced a second later
/// @param failed those that did not come as far as they were to
public record HalfOpenReport(int wanted, int atBegin, int atEnd, long ended, long failed) {}
