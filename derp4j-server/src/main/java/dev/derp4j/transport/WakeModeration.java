package dev.derp4j.transport;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.concurrent.locks.LockSupport;

/// Lets packets gather when they come so thick that an event loop wakes for every few of them, as
/// network cards moderate their interrupts.
///
/// A loop that has time left waits again after every read, is woken by the next packet, reads it
/// and sends it on: waiting, waking, reading and sending cost more than the packet. Once it has
/// been woken [#THICK] times in a row within [#SHORT_NANOS] of the time before, each time for fewer
/// than [#FEW] packets, it sleeps for the shortest time that the system's timers have (some 60 µs
/// on Linux) before it looks again, and finds more packets in each socket. It stops doing so as
/// soon as it finds nothing.
///
/// A loop that has no time left does not sleep: between two looks it has been busy for more than
/// [#BUSY_NANOS] then. Nor does one with fewer wakeups than some ten thousand a second, nor one
/// whose packets come in bursts: there is nothing to gain from it.
///
/// Owned by one event loop.
final class WakeModeration implements SelectStrategy {
  static final long SHORT_NANOS = 50_000;
  static final long BUSY_NANOS = 100_000;
  static final int THICK = 32;
  static final int FEW = 8;

  private final Clock clock;
  private long lookedAt;
  private int packets;
  private int thinWakeups;
  private boolean gathering;

  /// Time, and its passing.
  interface Clock {
    long nanoTime();

    void sleep();
  }

  private static final Clock SYSTEM =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void sleep() {
          LockSupport.parkNanos(1);
        }
      };

  WakeModeration() {
    this(SYSTEM);
  }

  WakeModeration(Clock clock) {
    this.clock = clock;
    this.lookedAt = clock.nanoTime();
  }

  /// So many more packets have come in.
  void relayed(int count) {
    packets += count;
  }

  /// @param selectNow looks for events without waiting
  @Override
  public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
    if (hasTasks) {
      return selectNow.get();
    }
    long now = clock.nanoTime();
    long elapsed = now - lookedAt;
    int relayed = packets;
    lookedAt = now;
    packets = 0;
    if (!gathering) {
      boolean thin = elapsed < SHORT_NANOS && relayed > 0 && relayed < FEW;
      thinWakeups = thin ? thinWakeups + 1 : 0;
      gathering = thinWakeups >= THICK;
      return SELECT;
    }
    if (elapsed < BUSY_NANOS) {
      clock.sleep();
      lookedAt = clock.nanoTime();
    }
    int events = selectNow.get();
    if (events > 0) {
      return events;
    }
    gathering = false;
    thinWakeups = 0;
    return SELECT;
  }
}
