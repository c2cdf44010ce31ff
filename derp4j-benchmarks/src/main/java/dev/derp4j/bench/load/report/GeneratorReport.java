package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// The generator's own condition during the counted time.
///
/// @param cpus processors that its process used, 1.0 being one whole processor
/// @param loops number of event loops
/// @param busiestLoop the share of a processor that the busiest loop used
/// @param spinning whether the loops spun on purpose
/// @param loopLag how late loops got to their tasks
/// @param pacingLag how late bursts left, for modes that send by the clock
public record GeneratorReport(
    double cpus,
    int loops,
    double busiestLoop,
    boolean spinning,
    Percentiles loopLag,
    @Nullable Percentiles pacingLag) {

  /// Beyond this a loop has no time left.
  private static final double SATURATED = 0.95;

  /// Pacing worse than this makes the offered load another than the one asked for.
  private static final double PACING_LIMIT_MICROS = 1000;

  /// The same with the pacing lag added.
  public GeneratorReport withPacing(Percentiles lag) {
    return new GeneratorReport(cpus, loops, busiestLoop, spinning, loopLag, lag);
  }

  /// Whether the figures are the generator's rather than the server's.
  public boolean limiting() {
    return (!spinning && busiestLoop > SATURATED)
        || (pacingLag != null && pacingLag.p99() > PACING_LIMIT_MICROS);
  }
}
