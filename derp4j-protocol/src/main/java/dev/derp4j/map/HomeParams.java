package dev.derp4j.map;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// How a client is to choose its home region, as far as the map's author wants a say in it.
///
/// @param regionScore by region id, what to multiply the region's latency with when regions are
///     compared: below 1 attracts, above 1 repels; a region that is not there counts as 1, and so
///     does a score that is 0 or negative. Sorted by id, unmodifiable.
public record HomeParams(SortedMap<Long, Double> regionScore) {
  /// Keeps a copy.
  public HomeParams {
    regionScore = Collections.unmodifiableSortedMap(new TreeMap<>(regionScore));
  }

  /// The same from any map.
  public static HomeParams of(Map<Long, Double> regionScore) {
    return new HomeParams(new TreeMap<>(regionScore));
  }

  /// The score of a region, 1 if the map says nothing usable of it.
  public double scoreOf(long regionId) {
    Double score = regionScore.get(regionId);
    return score != null && score > 0 ? score : 1;
  }
}
