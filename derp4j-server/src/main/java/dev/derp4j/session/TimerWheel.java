package dev.derp4j.session;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// When each connection of one event loop gets its next KeepAlive and its next round-trip sample.
///
/// A ring of slots, one a tick, each the head of a linked list through the connections' own links:
/// a connection costs no timer, and a tick costs what is due on it. Owned by the event loop.
final class TimerWheel {
  /// Milliseconds from one tick to the next.
  static final int TICK_MILLIS = 250;

  private static final int TICKS_A_SECOND = 1000 / TICK_MILLIS;
  private static final int SLOTS = 512;
  private static final int KEEP_ALIVE_TICKS = 60 * TICKS_A_SECOND;
  private static final int KEEP_ALIVE_JITTER_TICKS = 5 * TICKS_A_SECOND;
  private static final int SAMPLE_TICKS = 10 * TICKS_A_SECOND;

  /// A connection's place in the wheel.
  static final class Link {
    private final RelaySession session;
    private @Nullable Link previous;
    private @Nullable Link next;
    private int slot = -1;
    private long keepAliveTick;
    private long sampleTick;

    Link(RelaySession session) {
      this.session = session;
    }
  }

  /// What is to be done when a time has come.
  interface Actions {
    void keepAlive(RelaySession session);

    void sample(RelaySession session);
  }

  private final Actions actions;
  private final boolean sampling;
  private final @Nullable Link[] slots = new Link[SLOTS];
  private long now;

  /// @param sampling whether connections are sampled every 10 s; else they only get KeepAlives
  TimerWheel(Actions actions, boolean sampling) {
    this.actions = actions;
    this.sampling = sampling;
  }

  /// Puts a connection on the wheel: KeepAlive in 60 to 65 s.
  void start(Link link) {
    link.keepAliveTick = now + nextKeepAlive();
    link.sampleTick = now + SAMPLE_TICKS;
    insert(link);
  }

  /// At least one tick more than 60 s, since a connection that starts between two ticks counts from
  /// the earlier one.
  private static int nextKeepAlive() {
    return KEEP_ALIVE_TICKS + 1 + ThreadLocalRandom.current().nextInt(KEEP_ALIVE_JITTER_TICKS);
  }

  private void insert(Link link) {
    long due = sampling ? Math.min(link.keepAliveTick, link.sampleTick) : link.keepAliveTick;
    int slot = (int) (due % SLOTS);
    Link head = slots[slot];
    link.slot = slot;
    link.previous = null;
    link.next = head;
    if (head != null) {
      head.previous = link;
    }
    slots[slot] = link;
  }

  /// Takes a connection off the wheel, if it is on it.
  void stop(Link link) {
    if (link.slot < 0) {
      return;
    }
    if (link.previous != null) {
      link.previous.next = link.next;
    } else {
      slots[link.slot] = link.next;
    }
    if (link.next != null) {
      link.next.previous = link.previous;
    }
    link.previous = null;
    link.next = null;
    link.slot = -1;
  }

  /// Moves on by one tick and does what is due.
  void tick() {
    now++;
    int slot = (int) (now % SLOTS);
    for (Link due = slots[slot]; due != null; due = slots[slot]) {
      stop(due);
      run(due);
    }
  }

  private void run(Link link) {
    if (link.sampleTick <= now) {
      link.sampleTick = now + SAMPLE_TICKS;
      if (sampling) {
        actions.sample(link.session);
      }
    }
    boolean keepAlive = link.keepAliveTick <= now;
    if (keepAlive) {
      link.keepAliveTick = now + nextKeepAlive();
    }
    insert(link);
    if (keepAlive) {
      actions.keepAlive(link.session);
    }
  }
}
