package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metrics;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// Why a connection ends: the first reason that is known, since all later ones follow from it.
/// Owned by the connection's event loop.
final class EndReason {
  private final Channel channel;
  private final Metrics metrics;
  private @Nullable CloseReason reason;

  EndReason(Channel channel, Metrics metrics) {
    this.channel = channel;
    this.metrics = metrics;
  }

  void set(CloseReason first) {
    if (reason == null) {
      reason = first;
    }
  }

  /// Something was thrown in the connection's pipeline.
  void set(Throwable thrown) {
    CloseReason fault = Faults.reason(channel, thrown);
    Faults.log(channel, fault, thrown);
    set(fault);
  }

  /// The connection has ended.
  ///
  /// @param ordinary the reason if there was no other
  void count(CloseReason ordinary) {
    metrics.closed(reason == null ? ordinary : reason);
  }
}
