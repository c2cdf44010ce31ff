package dev.derp4j.client;

import dev.derp4j.handshake.ServerInfo;

/// How much the server is willing to take, as it said in its ServerInfo. Begins full.
///
/// Not thread-safe: used under the lock of the connection's outbox.
final class TokenBucket {
  private static final double NANOS = 1e9;

  private final double perSecond;
  private final double burst;
  private double tokens;
  private long filledAt;

  private TokenBucket(double perSecond, double burst, long now) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.tokens = burst;
    this.filledAt = now;
  }

  /// Without a rate there is no limit, whatever the burst.
  static TokenBucket of(ServerInfo info, long nowNanos) {
    long rate = info.tokenBucketBytesPerSecond().orElse(0);
    return rate <= 0
        ? new TokenBucket(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, nowNanos)
        : new TokenBucket(rate, info.tokenBucketBytesBurst().orElse(0), nowNanos);
  }

  /// Takes so many bytes, or none: what exceeds the bucket is not to be sent.
  boolean take(int bytes, long nowNanos) {
    if (Double.isInfinite(perSecond)) {
      return true;
    }
    tokens = Math.min(burst, tokens + (nowNanos - filledAt) / NANOS * perSecond);
    filledAt = nowNanos;
    if (bytes > tokens) {
      return false;
    }
    tokens -= bytes;
    return true;
  }
}
