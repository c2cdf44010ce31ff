package dev.derp4j.session;

import dev.derp4j.limits.ClientLimits;
import dev.derp4j.limits.FairShare;
import dev.derp4j.limits.QuotaLedger;
import dev.derp4j.limits.RateConfig;
import dev.derp4j.limits.RateLimits;
import dev.derp4j.limits.TokenBucket;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// What one client's limits make of its reading.
///
/// Frames are charged when they are handled, with their length without the header; a read burst is
/// settled at its end. Whoever is in debt then is not read from until that is paid, so that TCP
/// slows the client down; nothing is dropped. At most one read, 64 KiB, goes beyond a limit, and
/// is paid for.
///
/// Exists for clients that limits concern, never for mesh peers. Owned by the connection's event
/// loop but where said otherwise.
final class ReadMeter extends FairShare.Flow implements RateLimits.Limited {
  private final RateLimits limits;
  private final RelayLoop loop;
  private final Channel channel;
  private final QuotaLedger.Account account;
  private ClientLimits own;
  private @Nullable TokenBucket bucket;
  private long charged;
  private boolean overQuota;
  private boolean waitsForTime;
  private boolean waitsForShare;
  private boolean ended;

  /// When its debt is paid; set while it waits for that.
  long resumeNanos;

  ReadMeter(RateLimits limits, RelayLoop loop, RelaySession session, ClientLimits own) {
    this.limits = limits;
    this.loop = loop;
    this.channel = session.channel();
    this.own = own;
    this.account = limits.quotas().account(session.key());
    limits.entered(this);
    refresh();
  }

  /// A frame was handled.
  void charge(long bytes) {
    charged += bytes;
  }

  /// The end of a read burst.
  void settle() {
    if (charged == 0) {
      return;
    }
    long bytes = charged;
    charged = 0;
    countForQuota(bytes);
    if (bucket != null && !waitsForTime) {
      long nanos = bucket.charge(bytes, loop.nanoTime());
      if (nanos > 0) {
        limits.countWait();
        waitsForTime = true;
        resumeNanos = loop.nanoTime() + nanos;
        loop.pausedReads().add(this);
      }
    } else if (bucket != null) {
      // Read before the stop took effect; it lengthens the wait when that is over.
      bucket.charge(bytes, loop.nanoTime());
    }
    waitsForShare |= !limits.share().charge(this, bytes);
    if (waitsForTime || waitsForShare) {
      channel.config().setAutoRead(false);
    }
  }

  private void countForQuota(long bytes) {
    long quota = own.quota().orElse(limits.config().quota());
    if (quota == 0) {
      return;
    }
    limits.quotas().rollOverIfDue();
    boolean over = account.add(bytes) > quota;
    if (over != overQuota) {
      refresh();
    }
  }

  /// Makes the bucket that the limits in force ask for, unless it is there.
  private void refresh() {
    RateConfig forAll = limits.config();
    long quota = own.quota().orElse(forAll.quota());
    overQuota = quota > 0 && account.add(0) > quota;
    long rate = own.rate().orElse(forAll.rate());
    long burst = own.burst().orElse(forAll.burst());
    if (overQuota && (rate == 0 || rate > forAll.overQuotaRate())) {
      rate = forAll.overQuotaRate();
      burst = 0;
    }
    if (rate == 0) {
      bucket = null;
    } else if (bucket == null || !bucket.is(rate, burst)) {
      bucket = new TokenBucket(rate, burst, loop.nanoTime());
    } else {
      return;
    }
    if (waitsForTime) {
      loop.pausedReads().remove(this);
      timeIsOver();
    }
  }

  void timeIsOver() {
    long now = loop.nanoTime();
    long nanos = bucket == null ? 0 : bucket.charge(0, now);
    if (nanos > 0) {
      resumeNanos = now + nanos;
      loop.pausedReads().add(this);
      return;
    }
    waitsForTime = false;
    goOn();
  }

  private void goOn() {
    if (!waitsForTime && !waitsForShare && !ended) {
      channel.config().setAutoRead(true);
    }
  }

  /// The connection is down.
  void end() {
    ended = true;
    limits.left(this);
    limits.share().leave(this);
    if (waitsForTime) {
      loop.pausedReads().remove(this);
    }
  }

  /// Other limits hold for this client from now on. Any thread.
  void changeTo(ClientLimits changed) {
    loop.execute(
        () -> {
          own = changed;
          refresh();
        });
  }

  @Override
  public void limitsChanged() {
    loop.execute(this::refresh);
  }

  @Override
  protected void resume() {
    loop.execute(
        () -> {
          waitsForShare = false;
          goOn();
        });
  }

  @Override
  protected void later(long nanos, Runnable task) {
    loop.afterNanos(nanos, task);
  }
}
