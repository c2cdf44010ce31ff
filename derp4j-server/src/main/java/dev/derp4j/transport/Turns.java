package dev.derp4j.transport;

import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The order in which connections that are still beginning get an event loop's time.
///
/// A step of a handshake takes as long as a hundred packets. When many clients come at once, an
/// event loop that did as epoll told it would do all their steps one after the other, and every
/// packet would wait for that. So what such a connection sends waits here, and the loop looks at
/// its sockets between two steps.
///
/// Behind each look comes one step at least, and as many more as take no longer than the time that
/// has passed since the steps before, up to [#MOST_NANOS]; up to a quarter of that time where it
/// was long, since packets had most of it then. So a loop that is full of packets still spends a
/// fifth of its time on those who want to come in.
///
/// Owned by one event loop.
public final class Turns {
  /// The longest time for steps between two looks, but for the last step, of a loop that is not
  /// full of packets.
  static final long MOST_NANOS = 500_000;

  private final EventLoop loop;
  private final LongSupplier nanoTime;
  private final Queue<TurnHandler> waiting = new ArrayDeque<>();
  private boolean due;
  private long endedAt;

  /// Whether somebody has been waiting ever since.
  private boolean busy;

  Turns(EventLoop loop) {
    this(loop, System::nanoTime);
  }

  Turns(EventLoop loop, LongSupplier nanoTime) {
    this.loop = loop;
    this.nanoTime = nanoTime;
    this.endedAt = nanoTime.getAsLong();
  }

  /// Has a connection read without turns from here on, what waits before all else. On its event
  /// loop. For those that did not have turns either.
  public static void end(ChannelPipeline pipeline) {
    if (pipeline.get(TurnHandler.class) != null) {
      pipeline.remove(TurnHandler.class);
    }
  }

  /// Has [TurnHandler#takeTurn] called when it is the connection's turn.
  void add(TurnHandler connection) {
    waiting.add(connection);
    goOn();
  }

  /// Not by `execute`: a loop runs such tasks before it looks at its sockets, but those that become
  /// due meanwhile only after it has looked.
  private void goOn() {
    if (!due && !waiting.isEmpty()) {
      due = true;
      loop.schedule(this::run, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void run() {
    due = false;
    long beganAt = nanoTime.getAsLong();
    long passed = beganAt - endedAt;
    long share = Math.max(Math.min(passed, MOST_NANOS), busy ? passed / 4 : 0);
    @Nullable TurnHandler next = waiting.poll();
    while (next != null) {
      next.takeTurn();
      endedAt = nanoTime.getAsLong();
      next = endedAt - beganAt < share ? waiting.poll() : null;
    }
    busy = !waiting.isEmpty();
    goOn();
  }
}
