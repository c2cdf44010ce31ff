package dev.derp4j.metrics;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts by the value of one label, printed in the order of the values' text. Thread-safe.
///
/// The set of values is fixed when it is made: what a peer sends can never add one.
final class LabelledCounts {
  private final Set<String> allowed;
  private final ConcurrentSkipListMap<String, LongAdder> counts = new ConcurrentSkipListMap<>();

  private LabelledCounts(Collection<String> allowed) {
    this.allowed = Set.copyOf(allowed);
  }

  /// All values are printed from the start, with 0.
  static LabelledCounts ofAll(List<String> values) {
    LabelledCounts made = new LabelledCounts(values);
    values.forEach(value -> made.add(value, 0));
    return made;
  }

  /// A value is printed once it was counted.
  static LabelledCounts ofSeen(List<String> values) {
    return new LabelledCounts(values);
  }

  /// @throws IllegalArgumentException if the value is not one of those given at the start
  void add(String value, long delta) {
    LongAdder count = counts.get(value);
    if (count == null) {
      if (!allowed.contains(value)) {
        throw new IllegalArgumentException("no such label value: " + value);
      }
      count = counts.computeIfAbsent(value, _ -> new LongAdder());
    }
    count.add(delta);
  }

  long sum() {
    return counts.values().stream().mapToLong(LongAdder::sum).sum();
  }

  long get(String value) {
    LongAdder count = counts.get(value);
    return count == null ? 0 : count.sum();
  }

  void expose(String name, String label, StringBuilder out) {
    counts.forEach((value, count) -> TextFormat.labelled(out, name, label, value, count.sum()));
  }
}
