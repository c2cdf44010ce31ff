package dev.derp4j.bench.load.report;

/// A point of the curve of memory against connections.
///
/// @param connections that were up
/// @param memory of the server then, as it was: nobody had collected garbage
public record MemorySample(int connections, Memory memory) {}
