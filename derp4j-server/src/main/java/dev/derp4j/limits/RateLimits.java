package dev.derp4j.limits;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// The limits in force, and whom they concern. Thread-safe.
public final class RateLimits {
  /// A connection that limits apply to. Called from any thread.
  public interface Limited {
    /// What holds for all has changed.
    void limitsChanged();
  }

  private final boolean forAll;
  private final FairShare share;
  private final QuotaLedger quotas;
  private final Set<Limited> connections = ConcurrentHashMap.newKeySet();
  private final LongAdder waited = new LongAdder();
  private volatile RateConfig config = RateConfig.NONE;

  /// @param forAll whether limits for all may be set, now or later; else only those of one client
  public RateLimits(boolean forAll) {
    this(forAll, System::nanoTime, () -> System.currentTimeMillis() / 1000);
  }

  /// @param nanoTime nanoseconds from anywhere
  /// @param seconds since 1970
  public RateLimits(boolean forAll, LongSupplier nanoTime, LongSupplier seconds) {
    this.forAll = forAll;
    this.share = new FairShare(nanoTime);
    this.quotas = new QuotaLedger(seconds);
  }

  /// Whether a client has to be measured at all.
  public boolean concern(ClientLimits own) {
    return forAll || own.rate().orElse(0) > 0 || own.quota().orElse(0) > 0;
  }

  /// Puts limits for all in force, for those who are connected too.
  public void apply(RateConfig changed) {
    if (!changed.quotaPeriod().equals(config.quotaPeriod())) {
      quotas.setPeriod(changed.quotaPeriod());
    }
    config = changed;
    share.setRate(changed.total());
    connections.forEach(Limited::limitsChanged);
  }

  /// What holds for all.
  public RateConfig config() {
    return config;
  }

  public FairShare share() {
    return share;
  }

  public QuotaLedger quotas() {
    return quotas;
  }

  public void entered(Limited connection) {
    connections.add(connection);
  }

  public void left(Limited connection) {
    connections.remove(connection);
  }

  /// A client's own limit made it wait.
  public void countWait() {
    waited.increment();
  }

  /// How often that happened.
  public long waits() {
    return waited.sum();
  }
}
