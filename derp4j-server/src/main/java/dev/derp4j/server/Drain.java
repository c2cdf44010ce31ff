package dev.derp4j.server;

import dev.derp4j.routing.LocalPeer;
import dev.derp4j.routing.Registry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// How connections are let go when a relay stops: spread over a time, so that their clients do not
/// all come back, here or to a neighbour, in the same instant.
final class Drain {
  /// A few connections need no long spread: a thousand a second come back without harm.
  private static final long CONNECTIONS_PER_MILLI = 1;

  /// A client that can wait tries again within this time once the relay is expected back.
  private static final int RECONNECT_SPREAD_MILLIS = 2000;

  private static final int TRY_FOR_MILLIS = 60_000;

  /// Time for the last frames to leave.
  private static final Duration LAST_FRAMES = Duration.ofMillis(500);

  private final Registry registry;
  private final Duration limit;

  Drain(Registry registry, Duration limit) {
    this.registry = registry;
    this.limit = limit;
  }

  /// Tells everybody and waits until the last one was closed, or the limit is over.
  void run() {
    List<LocalPeer> peers = registry.snapshot();
    if (peers.isEmpty() || limit.isZero()) {
      return;
    }
    long spread = Math.min(limit.toMillis(), peers.size() / CONNECTIONS_PER_MILLI);
    ThreadLocalRandom random = ThreadLocalRandom.current();
    for (LocalPeer peer : peers) {
      long closeIn = random.nextLong(spread + 1);
      int reconnectIn = (int) (spread - closeIn) + random.nextInt(RECONNECT_SPREAD_MILLIS);
      peer.restart(reconnectIn, TRY_FOR_MILLIS, closeIn);
    }
    try {
      registry.awaitEmpty(limit.plus(LAST_FRAMES));
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }
}
