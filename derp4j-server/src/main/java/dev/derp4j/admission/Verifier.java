package dev.derp4j.admission;

import java.time.Duration;

/// Somebody outside who is asked whether a newcomer may come in.
@FunctionalInterface
public interface Verifier {
  /// Asks. Called on virtual threads, from many at a time; may block, for `limit` and no longer.
  ///
  /// @param limit what is left of the time for the decision
  /// @return [Verdict.Admitted] where it has no objection; the next one is asked then
  /// @throws InterruptedException if the newcomer left meanwhile
  Verdict verify(Newcomer newcomer, Duration limit) throws InterruptedException;
}
