package dev.derp4j.mesh;

import java.util.concurrent.atomic.LongAdder;

/// What is counted of one neighbour over all its connections. Thread-safe.
final class NeighbourCounts {
  final LongAdder packetsOut = new LongAdder();
  final LongAdder bytesOut = new LongAdder();
  final LongAdder queueFull = new LongAdder();
  final LongAdder disconnected = new LongAdder();
  final LongAdder connects = new LongAdder();
}
