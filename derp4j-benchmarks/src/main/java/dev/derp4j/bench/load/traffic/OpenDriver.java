package dev.derp4j.bench.load.traffic;

import io.netty.channel.EventLoop;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/// Sends by the clock, whatever arrives: every pair has a schedule, the earliest burst goes first.
///
/// A burst that its connection's full send buffer does not take is refused, not put off, as a real
/// sender drops what the relay does not take. How late bursts leave is recorded, so that a
/// generator that cannot keep up is seen.
final class OpenDriver implements Driver {
  /// After so many bursts the loop looks after its sockets, however much is overdue.
  private static final int BURSTS_AT_ONCE = 32;

  private final EventLoop loop;
  private final LoopRecorder recorder;
  private final boolean spin;
  private final PriorityQueue<Sender> senders =
      new PriorityQueue<>(Comparator.comparingLong(sender -> sender.schedule.due()));
  private boolean running;

  private record Sender(Pair pair, BurstSchedule schedule) {}

  /// Makes the schedule of the `index`-th pair.
  interface Schedules {
    BurstSchedule of(int index);
  }

  /// @param spin whether the loop never sleeps, so that no wake-up time is in the delays
  OpenDriver(
      EventLoop loop, List<Pair> pairs, Schedules schedules, LoopRecorder recorder, boolean spin) {
    this.loop = loop;
    this.recorder = recorder;
    this.spin = spin;
    for (int i = 0; i < pairs.size(); i++) {
      senders.add(new Sender(pairs.get(i), schedules.of(i)));
    }
  }

  @Override
  public void start() {
    running = true;
    TimerSlack.minimize();
    sendDue();
  }

  @Override
  public void stop() {
    running = false;
  }

  private void sendDue() {
    if (!running) {
      return;
    }
    long wait = 0;
    for (int bursts = 0; bursts < BURSTS_AT_ONCE; bursts++) {
      Sender first = senders.element();
      long due = first.schedule.due();
      long now = System.nanoTime();
      if (due > now) {
        wait = due - now;
        break;
      }
      senders.remove();
      recorder.paced(now - due);
      int refused = first.pair.writer().offer(first.schedule.size(), due);
      for (int i = 0; i < refused; i++) {
        recorder.refused();
      }
      first.schedule.advance();
      senders.add(first);
    }
    // Never execute(): a loop runs such tasks for up to a second before it looks at its sockets,
    // but those that were scheduled meanwhile only after it has looked.
    loop.schedule(this::sendDue, spin ? 0 : wait, TimeUnit.NANOSECONDS);
  }
}
