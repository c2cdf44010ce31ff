package dev.derp4j.limits;

/// Lets through so many bytes a second on average, and so many at once.
///
/// What has been read already is charged even if it is more than there is: the bucket is in debt
/// then, and whoever is charged stops reading until that is paid. Not thread-safe.
public final class TokenBucket {
  /// A burst holds at least one frame: 65,536 bytes of a packet and a key.
  public static final long LEAST_BURST = 65_568;

  private static final double NANOS_A_SECOND = 1e9;

  private final double rate;
  private final double burst;
  private double tokens;
  private long filledAt;

  /// @param rate bytes a second, more than 0
  /// @param burst bytes, raised to [#LEAST_BURST]
  public TokenBucket(long rate, long burst, long nowNanos) {
    this.rate = rate;
    this.burst = Math.max(burst, LEAST_BURST);
    this.tokens = this.burst;
    this.filledAt = nowNanos;
  }

  /// Takes bytes out.
  ///
  /// @return nanoseconds until the debt is paid; 0 if there is none
  public long charge(long bytes, long nowNanos) {
    tokens = Math.min(burst, tokens + (nowNanos - filledAt) * rate / NANOS_A_SECOND) - bytes;
    filledAt = nowNanos;
    return tokens >= 0 ? 0 : (long) Math.ceil(-tokens * NANOS_A_SECOND / rate);
  }

  /// Whether it was made for these figures.
  public boolean is(long otherRate, long otherBurst) {
    return rate == otherRate && burst == Math.max(otherBurst, LEAST_BURST);
  }
}
