package dev.derp4j.admission;

/// A client that was admitted and is connected. All methods may be called from any thread.
public interface Guest {
  /// As it was when it came.
  Newcomer whoItIs();

  /// Why it was admitted.
  Reason admittedFor();

  /// Ends its connection: it would not be admitted any more. Returns at once.
  void sendAway(Verdict.Rejected verdict);
}
