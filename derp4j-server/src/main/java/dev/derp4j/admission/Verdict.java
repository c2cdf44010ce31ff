package dev.derp4j.admission;

import dev.derp4j.limits.ClientLimits;

/// What became of a newcomer's wish.
public sealed interface Verdict {
  /// For the counters.
  Reason reason();

  /// It may come in.
  ///
  /// @param limits how fast it may send, where that was said for this one
  record Admitted(Reason reason, ClientLimits limits) implements Verdict {
    public Admitted(Reason reason) {
      this(reason, ClientLimits.NONE);
    }
  }

  /// It may not.
  ///
  /// @param why for the log, after `client nodekey:… rejected: `; printable and on one line
  record Rejected(Reason reason, String why) implements Verdict {}
}
