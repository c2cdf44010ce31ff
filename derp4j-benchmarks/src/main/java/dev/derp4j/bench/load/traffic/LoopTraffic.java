package dev.derp4j.bench.load.traffic;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.ToLongFunction;

/// The pairs of one event loop with their driver and recorder. The main thread's handle on them.
final class LoopTraffic {
  private final EventLoop loop;
  private final List<Pair> pairs;
  private final LoopRecorder recorder;
  private final Driver driver;

  LoopTraffic(EventLoop loop, List<Pair> pairs, LoopRecorder recorder, Driver driver) {
    this.loop = loop;
    this.pairs = pairs;
    this.recorder = recorder;
    this.driver = driver;
  }

  void start() throws InterruptedException {
    onLoop(driver::start);
  }

  void begin() throws InterruptedException {
    onLoop(
        () -> {
          pairs.forEach(pair -> pair.lanes().markBegin());
          recorder.begin();
        });
  }

  void end() throws InterruptedException {
    onLoop(
        () -> {
          recorder.end();
          pairs.forEach(pair -> pair.lanes().markEnd());
          driver.stop();
        });
  }

  long missing() throws InterruptedException {
    long[] missing = new long[1];
    onLoop(() -> missing[0] = sum(Lanes::missing));
    return missing[0];
  }

  /// The recorder; to be read after the loop has done its last work.
  LoopRecorder recorder() {
    return recorder;
  }

  long sum(ToLongFunction<Lanes> count) {
    return pairs.stream().mapToLong(pair -> count.applyAsLong(pair.lanes())).sum();
  }

  private void onLoop(Runnable action) throws InterruptedException {
    try {
      loop.submit(action).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
