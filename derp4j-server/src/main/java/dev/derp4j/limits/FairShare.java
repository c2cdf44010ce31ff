package dev.derp4j.limits;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Shares a total rate among all clients, by deficit round robin.
///
/// As long as there is room nobody waits. When there is none, whoever was charged owes the bytes,
/// stops reading and queues up. What the rate yields is paid out round by round, a quantum of bytes
/// to each in its turn; whose debt is paid goes on reading. A client that sends little owes little
/// and is through after a round at most, however many send as fast as they can, and however large
/// their packets are. One that has not waited lately is served before the round.
///
/// Thread-safe. Under its lock are a few additions for each charge.
public final class FairShare {
  private static final int QUANTUM = 2048;
  private static final double NANOS_A_SECOND = 1e9;

  /// What may gather while little is sent: so much of a second's worth, and a frame at least.
  private static final long BURST_PARTS = 20;

  private static final long LEAST_WAIT_NANOS = 1_000_000;
  private static final long LATELY_NANOS = 250_000_000;

  /// One client's part. Its methods but the two abstract ones belong to [FairShare].
  public abstract static class Flow {
    private long debt;
    private boolean waiting;
    private long servedAt = Long.MIN_VALUE / 2;

    /// Its debt is paid. Called under the lock, from any thread: takes note and returns.
    protected abstract void resume();

    /// Runs a task later, on a thread of the relay's.
    protected abstract void later(long nanos, Runnable task);
  }

  private final Deque<Flow> fresh = new ArrayDeque<>();
  private final Deque<Flow> round = new ArrayDeque<>();
  private final LongSupplier clock;
  private long rate;
  private double tokens;
  private long filledAt;
  private boolean alarmSet;
  private long waits;

  /// @param clock nanoseconds
  public FairShare(LongSupplier clock) {
    this.clock = clock;
  }

  /// Sets the total, in bytes a second; 0 for no limit, which lets everybody go on.
  public synchronized void setRate(long bytesPerSecond) {
    fill(clock.getAsLong());
    if (rate == 0) {
      tokens = burst(bytesPerSecond);
    }
    rate = bytesPerSecond;
    if (rate == 0) {
      fresh.forEach(this::release);
      round.forEach(this::release);
      fresh.clear();
      round.clear();
    }
  }

  /// Charges a client for what it has sent.
  ///
  /// @return whether it may go on; if not, [Flow#resume] will be called
  public synchronized boolean charge(Flow flow, long bytes) {
    if (rate == 0) {
      return true;
    }
    long now = clock.getAsLong();
    fill(now);
    if (!flow.waiting && fresh.isEmpty() && round.isEmpty() && tokens >= 0) {
      tokens -= bytes;
      return true;
    }
    flow.debt += bytes;
    if (!flow.waiting) {
      flow.waiting = true;
      waits++;
      (now - flow.servedAt > LATELY_NANOS ? fresh : round).addLast(flow);
    }
    setAlarm(flow);
    return false;
  }

  /// The client is gone.
  public synchronized void leave(Flow flow) {
    if (flow.waiting) {
      flow.waiting = false;
      flow.debt = 0;
      if (!fresh.remove(flow)) {
        round.remove(flow);
      }
    }
  }

  /// How often somebody had to wait.
  public synchronized long waits() {
    return waits;
  }

  private void setAlarm(Flow through) {
    if (!alarmSet) {
      alarmSet = true;
      double missing = Math.max(0, -tokens);
      long nanos = (long) (missing * NANOS_A_SECOND / rate);
      through.later(Math.max(LEAST_WAIT_NANOS, nanos), this::distribute);
    }
  }

  private synchronized void distribute() {
    alarmSet = false;
    long now = clock.getAsLong();
    fill(now);
    Flow flow;
    while (tokens > 0 && (flow = next()) != null) {
      long paid = Math.min(QUANTUM, flow.debt);
      flow.debt -= paid;
      tokens -= paid;
      if (flow.debt > 0) {
        round.addLast(flow);
      } else {
        flow.servedAt = now;
        release(flow);
      }
    }
    Flow waiting = fresh.isEmpty() ? round.peek() : fresh.peek();
    if (waiting != null) {
      setAlarm(waiting);
    }
  }

  private @Nullable Flow next() {
    return fresh.isEmpty() ? round.poll() : fresh.poll();
  }

  private void release(Flow flow) {
    flow.waiting = false;
    flow.debt = 0;
    flow.resume();
  }

  private void fill(long now) {
    if (rate > 0) {
      tokens = Math.min(burst(rate), tokens + (now - filledAt) * (double) rate / NANOS_A_SECOND);
    }
    filledAt = now;
  }

  private static double burst(long rate) {
    return Math.max(TokenBucket.LEAST_BURST, rate / BURST_PARTS);
  }
}
