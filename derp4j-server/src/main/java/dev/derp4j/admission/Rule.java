package dev.derp4j.admission;

import org.jspecify.annotations.Nullable;

/// A part of the decision that is made with what the relay knows itself.
@FunctionalInterface
public interface Rule {
  /// Judges a newcomer, or a guest again. Called on event loops: at once, without I/O, from any
  /// thread.
  ///
  /// @return null where this rule leaves it to the next
  @Nullable Verdict judge(Newcomer newcomer);
}
