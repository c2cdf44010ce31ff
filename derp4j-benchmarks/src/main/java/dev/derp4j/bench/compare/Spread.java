package dev.derp4j.bench.compare;

import java.util.List;

/// Several measurements of one thing.
///
/// @param median the middle one, or the mean of the middle two
/// @param min the smallest
/// @param max the largest
/// @param count how many there are
record Spread(double median, double min, double max, int count) {

  static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    return new Spread(median, sorted.getFirst(), sorted.getLast(), sorted.size());
  }
}
