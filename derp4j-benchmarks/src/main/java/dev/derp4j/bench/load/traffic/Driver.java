package dev.derp4j.bench.load.traffic;

/// Decides when the pairs of one loop send. All calls come on that loop.
interface Driver {
  void start();

  /// Sends nothing from now on.
  void stop();
}
