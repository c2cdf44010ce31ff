package dev.derp4j.admission;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// How often which verdict was given for which reason. Thread-safe.
public final class AdmissionCounts {
  /// The values of the label `verdict` of `derp4j_admission_total`.
  public enum Kind {
    /// A newcomer came in.
    ADMITTED("admitted"),
    /// A newcomer did not.
    REJECTED("rejected"),
    /// A guest had to leave.
    REVOKED("revoked");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /// The label's value in metrics.
    public String label() {
      return label;
    }
  }

  /// Takes one count, for whoever prints them.
  @FunctionalInterface
  public interface Visitor {
    void count(Kind verdict, Reason reason, LongAdder count);
  }

  private final Map<Kind, Map<Reason, LongAdder>> counts = new EnumMap<>(Kind.class);

  AdmissionCounts() {
    for (Kind kind : Kind.values()) {
      Map<Reason, LongAdder> byReason = new EnumMap<>(Reason.class);
      for (Reason reason : Reason.values()) {
        if (reason.admits() == (kind == Kind.ADMITTED)) {
          byReason.put(reason, new LongAdder());
        }
      }
      counts.put(kind, byReason);
    }
  }

  void count(Verdict verdict) {
    count(
        switch (verdict) {
          case Verdict.Admitted _ -> Kind.ADMITTED;
          case Verdict.Rejected _ -> Kind.REJECTED;
        },
        verdict.reason());
  }

  void count(Kind kind, Reason reason) {
    LongAdder count = counter(kind, reason);
    if (count == null) {
      throw new IllegalArgumentException(kind + " is never for " + reason);
    }
    count.increment();
  }

  private @Nullable LongAdder counter(Kind kind, Reason reason) {
    return counts.getOrDefault(kind, Map.of()).get(reason);
  }

  /// How often so far; 0 where the two never go together.
  public long get(Kind kind, Reason reason) {
    LongAdder count = counter(kind, reason);
    return count == null ? 0 : count.sum();
  }

  /// Shows every pair that can occur.
  public void forEach(Visitor visitor) {
    counts.forEach(
        (kind, byReason) ->
            byReason.forEach((reason, count) -> visitor.count(kind, reason, count)));
  }
}
