package dev.derp4j.bench.load.report;

/// What the server's process used during the counted time.
///
/// @param cpuSeconds user and system time
/// @param cpuShare its share of the processors that it may use
/// @param processors how many these are
/// @param before memory when the counting began
/// @param after memory when it ended
public record ServerReport(
    double cpuSeconds, double cpuShare, int processors, Memory before, Memory after) {

  /// Beyond this the server has no time left.
  private static final double SATURATED = 0.95;

  /// Whether the server is what limits the figures.
  public boolean limiting() {
    return cpuShare > SATURATED;
  }
}
