package dev.derp4j.limits;

/// How many connections are accepted a second, and at once beyond that.
///
/// @param rate connections a second, more than 0; infinite for no limit
/// @param burst at once, more than 0
public record AcceptLimit(double rate, double burst) {
  /// As many as come.
  public static final AcceptLimit NONE =
      new AcceptLimit(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  /// A core does the TLS and DERP handshakes of one or two thousand connections a second, with
  /// nothing left for those who are connected.
  private static final int RATE_PER_CORE = 500;

  /// What a connection may take until it relays: buffers of TLS, HTTP and ClientInfo.
  private static final int BYTES_PER_NEWCOMER = 128 * 1024;

  private static final int SECONDS_OF_BURST = 10;

  public AcceptLimit {
    if (!(rate > 0) || !(burst > 0)) {
      throw new IllegalArgumentException(
          "accept limit " + rate + " with burst " + burst + " would accept nothing");
    }
  }

  /// What a machine can bear when all clients come at once, after a restart.
  ///
  /// @param memory bytes for network buffers
  public static AcceptLimit forMachine(int cores, long memory) {
    double rate = (double) RATE_PER_CORE * cores;
    double most = rate * SECONDS_OF_BURST;
    return new AcceptLimit(rate, Math.clamp((double) memory / BYTES_PER_NEWCOMER, rate, most));
  }

  /// Counts them.
  public Gate gate() {
    return new Gate(this);
  }

  /// The bucket of one listener. Thread-safe.
  public static final class Gate {
    private static final double NANOS_A_SECOND = 1e9;

    private final AcceptLimit limit;
    private double tokens;
    private long filledAt = System.nanoTime();

    private Gate(AcceptLimit limit) {
      this.limit = limit;
      this.tokens = limit.burst();
    }

    /// Whether one more may come in.
    public boolean admits() {
      return admits(System.nanoTime());
    }

    synchronized boolean admits(long nowNanos) {
      if (Double.isInfinite(limit.rate())) {
        return true;
      }
      tokens =
          Math.min(limit.burst(), tokens + (nowNanos - filledAt) * limit.rate() / NANOS_A_SECOND);
      filledAt = nowNanos;
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }
  }
}
