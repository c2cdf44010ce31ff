package dev.derp4j.client;

/// Hears what comes, instead of a thread that calls [DerpClient#receive].
@FunctionalInterface
public interface DerpListener {
  /// Takes one message. Called for one message after the other, never twice at a time, on a thread
  /// of the client's executor: by default a virtual one that exists only while there are messages.
  ///
  /// May block: then messages gather up to the client's bound, and beyond it the client stops
  /// reading from the server. What it throws is logged, and the next message comes all the same.
  void onMessage(DerpMessage message);
}
