package dev.derp4j.bench.load.traffic;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Keeps a fixed number of packets in flight for every pair: each arrival makes room for the next.
///
/// A lost packet's place is free again when a later one arrives. When a pair has been silent with a
/// full window for half a second, all of it is written off.
final class ClosedDriver implements Driver {
  private static final long PATIENCE_MILLIS = 500;

  private final EventLoop loop;
  private final List<Pair> pairs;
  private final int window;
  private final long[] arrivalsBefore;
  private boolean running;

  ClosedDriver(EventLoop loop, List<Pair> pairs, int window) {
    this.loop = loop;
    this.pairs = pairs;
    this.window = window;
    this.arrivalsBefore = new long[pairs.size()];
  }

  @Override
  public void start() {
    running = true;
    for (Pair pair : pairs) {
      pair.afterRead(() -> refill(pair));
      refill(pair);
    }
    watchForStalls();
  }

  @Override
  public void stop() {
    running = false;
  }

  private void refill(Pair pair) {
    if (!running) {
      return;
    }
    int room = (int) (window - pair.lanes().inFlight());
    if (room > 0) {
      pair.writer().send(room, System.nanoTime());
    }
  }

  private void watchForStalls() {
    if (!running) {
      return;
    }
    for (int i = 0; i < pairs.size(); i++) {
      Pair pair = pairs.get(i);
      if (pair.arrivals() == arrivalsBefore[i]) {
        pair.lanes().giveUp();
        refill(pair);
      }
      arrivalsBefore[i] = pair.arrivals();
    }
    loop.schedule(this::watchForStalls, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }
}
