package dev.derp4j.admission;

import dev.derp4j.key.NodePublicKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The latest verdict on each key, for a while. A bounded number; the ones least recently given go
/// first. Thread-safe.
final class RememberedVerdicts {
  /// At about 200 bytes each.
  private static final int MAX_KEYS = 100_000;

  private final long nanos;
  private final Map<NodePublicKey, Entry> entries = new LinkedHashMap<>();

  private record Entry(Verdict verdict, long givenNanos) {}

  /// @param time how long each counts; zero remembers nothing
  RememberedVerdicts(Duration time) {
    this.nanos = time.toNanos();
  }

  void put(NodePublicKey key, Verdict verdict) {
    put(key, verdict, System.nanoTime());
  }

  synchronized void put(NodePublicKey key, Verdict verdict, long nowNanos) {
    if (nanos == 0) {
      return;
    }
    entries.remove(key);
    if (entries.size() == MAX_KEYS) {
      entries.remove(entries.keySet().iterator().next());
    }
    entries.put(key, new Entry(verdict, nowNanos));
  }

  @Nullable Verdict get(NodePublicKey key) {
    return get(key, System.nanoTime());
  }

  synchronized @Nullable Verdict get(NodePublicKey key, long nowNanos) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (nowNanos - entry.givenNanos() >= nanos) {
      entries.remove(key);
      return null;
    }
    return entry.verdict();
  }
}
