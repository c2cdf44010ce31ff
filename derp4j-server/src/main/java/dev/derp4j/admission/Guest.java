package dev.derp4j.admission;

import dev.derp4j.limits.ClientLimits;

/// A client that was admitted and is connected. All methods may be called from any thread.
public interface Guest {
  /// As it was when it came.
  Newcomer whoItIs();

  /// Why it was admitted.
  Reason admittedFor();

  /// Other limits hold for it from now on. Returns at once.
  void limitTo(ClientLimits limits);

  /// Ends its connection: it would not be admitted any more. Returns at once.
  void sendAway(Verdict.Rejected verdict);
}
