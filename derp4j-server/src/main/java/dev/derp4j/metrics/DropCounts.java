package dev.derp4j.metrics;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/// Dropped packets, or their bytes, by reason and kind. All pairs exist from the start.
/// Thread-safe.
final class DropCounts {
  private record Pair(String labels, LongAdder count) {}

  private final Map<DropReason, Map<PacketKind, LongAdder>> counts =
      new EnumMap<>(DropReason.class);
  private final List<Pair> sorted = new ArrayList<>();

  DropCounts() {
    for (DropReason reason : DropReason.values()) {
      Map<PacketKind, LongAdder> byKind = new EnumMap<>(PacketKind.class);
      counts.put(reason, byKind);
      for (PacketKind kind : PacketKind.values()) {
        LongAdder count = new LongAdder();
        byKind.put(kind, count);
        sorted.add(
            new Pair("{reason=\"" + reason.label() + "\",kind=\"" + kind.label() + "\"}", count));
      }
    }
    sorted.sort((a, b) -> a.labels().compareTo(b.labels()));
  }

  void add(DropReason reason, PacketKind kind, long delta) {
    count(reason, kind).add(delta);
  }

  long get(DropReason reason, PacketKind kind) {
    return count(reason, kind).sum();
  }

  private LongAdder count(DropReason reason, PacketKind kind) {
    return Objects.requireNonNull(Objects.requireNonNull(counts.get(reason)).get(kind));
  }

  long sum() {
    return sorted.stream().mapToLong(pair -> pair.count().sum()).sum();
  }

  void expose(String name, StringBuilder out) {
    for (Pair pair : sorted) {
      out.append(name).append(pair.labels()).append(' ').append(pair.count().sum()).append('\n');
    }
  }
}
