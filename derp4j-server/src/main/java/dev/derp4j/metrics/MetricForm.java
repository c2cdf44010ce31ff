package dev.derp4j.metrics;

/// Where a metric's values come from: counted in [Metrics], or given by a supplier at the time of
/// printing.
enum MetricForm {
  /// One counter.
  COUNTED,
  /// A counter for each value of one label.
  COUNTED_BY_LABEL,
  /// Counters by drop reason and packet kind.
  DROPS,
  /// A histogram.
  DISTRIBUTION,
  /// One supplier.
  GIVEN_SCALAR,
  /// A supplier for each value of one label, or of several.
  GIVEN_BY_LABEL
}
