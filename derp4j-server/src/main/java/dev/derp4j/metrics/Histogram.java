package dev.derp4j.metrics;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/// Counts of values by bucket. Thread-safe and lock-free.
///
/// Each value is counted in one bucket; the cumulative sums of the text format are built when
/// printing. The total is the sum of the buckets, so that it agrees with them however many threads
/// are counting meanwhile.
final class Histogram {
  private final double[] bounds;
  private final LongAdder[] buckets;
  private final DoubleAdder sum = new DoubleAdder();

  /// @param bounds the upper bounds in ascending order, each inclusive; one more bucket without a
  ///     bound is added
  Histogram(double... bounds) {
    this.bounds = bounds.clone();
    this.buckets = new LongAdder[bounds.length + 1];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new LongAdder();
    }
  }

  void observe(double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    buckets[bucket].increment();
    sum.add(value);
  }

  long count() {
    long count = 0;
    for (LongAdder bucket : buckets) {
      count += bucket.sum();
    }
    return count;
  }

  void expose(String name, StringBuilder out) {
    long cumulative = 0;
    for (int i = 0; i < buckets.length; i++) {
      cumulative += buckets[i].sum();
      String bound = i < bounds.length ? GoNumbers.format(bounds[i]) : "+Inf";
      out.append(name)
          .append("_bucket{le=\"")
          .append(bound)
          .append("\"} ")
          .append(cumulative)
          .append('\n');
    }
    out.append(name).append("_sum ").append(GoNumbers.format(sum.sum())).append('\n');
    out.append(name).append("_count ").append(cumulative).append('\n');
  }
}
