package dev.derp4j.admission;

/// What became of a newcomer's wish.
public sealed interface Verdict {
  /// For the counters.
  Reason reason();

  /// It may come in.
  record Admitted(Reason reason) implements Verdict {}

  /// It may not.
  ///
  /// @param why for the log, after `client nodekey:… rejected: `; printable and on one line
  record Rejected(Reason reason, String why) implements Verdict {}
}
