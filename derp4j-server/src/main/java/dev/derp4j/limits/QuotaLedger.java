package dev.derp4j.limits;

import dev.derp4j.key.NodePublicKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// What each key has sent in the present period. Thread-safe.
///
/// Kept in memory: reconnecting changes nothing, a restart of the relay forgives everything. The
/// number of keys is bounded; beyond it, of a few looked at, the one that has sent least is
/// forgotten, so that strangers with made-up keys do not push out those who sent much.
public final class QuotaLedger {
  private static final int MAX_KEYS = 200_000;
  private static final int LOOKED_AT = 32;

  private final LongSupplier clock;
  private final Map<NodePublicKey, Account> accounts = new HashMap<>();
  private long periodSeconds = Duration.ofDays(1).toSeconds();
  private volatile long periodEnd;

  /// What one key has sent in this period, over all its connections.
  public static final class Account {
    private final AtomicLong used = new AtomicLong();

    /// Adds to it.
    ///
    /// @return what it is now
    public long add(long bytes) {
      return used.addAndGet(bytes);
    }
  }

  /// @param clock seconds since 1970
  public QuotaLedger(LongSupplier clock) {
    this.clock = clock;
    setPeriod(Duration.ofDays(1));
  }

  /// Sets the length of the periods. The present one then ends at the next multiple of it.
  public synchronized void setPeriod(Duration period) {
    periodSeconds = Math.max(1, period.toSeconds());
    periodEnd = (clock.getAsLong() / periodSeconds + 1) * periodSeconds;
  }

  /// The account of a key, in the present period. The same object for all connections of the key as
  /// long as the key is not forgotten.
  public synchronized Account account(NodePublicKey key) {
    rollOver();
    Account account = accounts.get(key);
    if (account == null) {
      if (accounts.size() >= MAX_KEYS) {
        forgetOne();
      }
      account = new Account();
      accounts.put(key, account);
    }
    return account;
  }

  private void forgetOne() {
    Iterator<Map.Entry<NodePublicKey, Account>> some = accounts.entrySet().iterator();
    Map.Entry<NodePublicKey, Account> least = some.next();
    for (int i = 1; i < LOOKED_AT && some.hasNext(); i++) {
      Map.Entry<NodePublicKey, Account> other = some.next();
      if (other.getValue().used.get() < least.getValue().used.get()) {
        least = other;
      }
    }
    accounts.remove(least.getKey());
  }

  /// Begins a new period if the present one is over: everybody has sent nothing then. Cheap where
  /// it is not.
  public void rollOverIfDue() {
    if (clock.getAsLong() >= periodEnd) {
      synchronized (this) {
        rollOver();
      }
    }
  }

  private void rollOver() {
    long now = clock.getAsLong();
    if (now >= periodEnd) {
      periodEnd = (now / periodSeconds + 1) * periodSeconds;
      accounts.values().forEach(account -> account.used.set(0));
    }
  }
}
