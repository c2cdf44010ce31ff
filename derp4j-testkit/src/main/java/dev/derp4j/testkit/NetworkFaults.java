package dev.derp4j.testkit;

import dev.derp4j.testkit.FaultProxy.Counts;
import dev.derp4j.testkit.FaultProxy.Direction;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// What is wrong with a [FaultProxy]'s network at the moment, and what it has counted.
///
/// Those who carry bytes wait here for leave to pass them on, so that a change acts at once on what
/// already waits. Thread-safe.
final class NetworkFaults {
  /// What is wrong in one direction.
  static final class Flow {
    boolean swallowing;
    boolean holding;
    long delayNanoseconds;
    long bytesPerSecond; // 0: as fast as it goes
    private long forwarded;
    private long swallowed;

    private void heal() {
      swallowing = false;
      holding = false;
      delayNanoseconds = 0;
      bytesPerSecond = 0;
    }
  }

  boolean refusing;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Flow toServer = new Flow();
  private final Flow toClient = new Flow();
  private long accepted;
  private long refused;
  private long unreachable;
  private int open;

  void change(Consumer<NetworkFaults> change) {
    lock.lock();
    try {
      change.accept(this);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void change(Set<Direction> directions, Consumer<Flow> change) {
    change(all -> directions.forEach(direction -> change.accept(flow(direction))));
  }

  void heal() {
    change(
        all -> {
          refusing = false;
          toServer.heal();
          toClient.heal();
        });
  }

  /// Whether one more connection may be opened; if so, it counts as open.
  boolean admit(int limit) {
    lock.lock();
    try {
      accepted++;
      boolean admitted = !refusing && open < limit;
      if (admitted) {
        open++;
      } else {
        refused++;
      }
      changed.signalAll();
      return admitted;
    } finally {
      lock.unlock();
    }
  }

  void wentAway(boolean becauseUnreachable) {
    change(
        all -> {
          open--;
          unreachable += becauseUnreachable ? 1 : 0;
        });
  }

  boolean swallows(Direction direction) {
    lock.lock();
    try {
      return flow(direction).swallowing;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until reading from the sender is allowed.
  void awaitReading(Direction direction) throws InterruptedException {
    lock.lock();
    try {
      while (flow(direction).holding) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until bytes may go on, and returns how many of them; 0 means that all of them vanish.
  ///
  /// @param readAt when they were read, by the system's nanosecond clock
  /// @param remaining how many they are; 0 stands for the end of the stream, and 1 is returned for
  ///     it as for everything that may pass
  /// @param paced how many bytes were passed on since `pacedFrom`
  int awaitPassage(Direction direction, long readAt, int remaining, long pacedFrom, long paced)
      throws InterruptedException {
    lock.lock();
    try {
      Flow flow = flow(direction);
      while (true) {
        if (flow.swallowing) {
          flow.swallowed += remaining;
          changed.signalAll();
          return 0;
        }
        long wait = readAt + flow.delayNanoseconds - System.nanoTime();
        if (flow.bytesPerSecond > 0) {
          double seconds = (double) paced / flow.bytesPerSecond;
          wait = Math.max(wait, pacedFrom + (long) (seconds * 1e9) - System.nanoTime());
        }
        if (flow.holding) {
          changed.await();
        } else if (wait > 0) {
          long ignored = changed.awaitNanos(wait);
        } else {
          // Twenty steps a second, so that throttled bytes trickle.
          long step = flow.bytesPerSecond == 0 ? remaining : flow.bytesPerSecond / 20;
          return Math.clamp(Math.min(step, remaining), 1, Integer.MAX_VALUE);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  void forwarded(Direction direction, int bytes) {
    change(all -> flow(direction).forwarded += bytes);
  }

  Counts counts() {
    lock.lock();
    try {
      return new Counts(
          accepted,
          refused,
          unreachable,
          open,
          toServer.forwarded,
          toClient.forwarded,
          toServer.swallowed,
          toClient.swallowed);
    } finally {
      lock.unlock();
    }
  }

  Counts awaitCounts(String what, Predicate<Counts> wanted, Duration limit) {
    lock.lock();
    try {
      long remaining = limit.toNanos();
      while (true) {
        Counts counts = counts();
        if (wanted.test(counts)) {
          return counts;
        }
        if (remaining <= 0) {
          throw new AssertionError("within " + limit + " not " + what + ", but " + counts);
        }
        remaining = changed.awaitNanos(remaining);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private Flow flow(Direction direction) {
    return switch (direction) {
      case TO_SERVER -> toServer;
      case TO_CLIENT -> toClient;
    };
  }
}
