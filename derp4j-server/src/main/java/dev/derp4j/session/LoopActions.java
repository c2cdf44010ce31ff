package dev.derp4j.session;

import dev.derp4j.metrics.Metrics;

/// What a loop's clock does to connections: KeepAlives and round-trip samples.
final class LoopActions implements TimerWheel.Actions {
  private final Metrics metrics;

  LoopActions(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void keepAlive(RelaySession session) {
    session.keepAlive();
  }

  @Override
  public void sample(RelaySession session) {
    RoundTrips.sample(session.channel(), metrics);
  }
}
