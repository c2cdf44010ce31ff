package dev.derp4j.bench.load.traffic;

import dev.derp4j.bench.load.report.KindReport;
import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.report.TrafficReport;
import dev.derp4j.bench.load.wire.DerpConnection;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/// Carries out a plan over connections that are open: warm up, count, let the last packets arrive,
/// sum up.
///
/// Driven by the main thread: [#start], [#begin], [#end], [#drain], then the results.
public final class TrafficRun {
  private static final long DRAIN_MILLIS = 3000;

  private final List<LoopTraffic> parts = new ArrayList<>();
  private final boolean mixed;

  /// @param senders one per pair
  /// @param receivers one per pair, on the same loop as its sender
  public TrafficRun(
      TrafficPlan plan, List<DerpConnection> senders, List<DerpConnection> receivers) {
    long start = System.nanoTime();
    mixed = plan.shape().discoShare() > 0;
    List<EventLoop> loops = senders.stream().map(DerpConnection::loop).distinct().toList();
    for (EventLoop loop : loops) {
      LoopRecorder recorder = new LoopRecorder(plan.lateAfter().toNanos());
      List<Pair> pairs = new ArrayList<>();
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < senders.size(); i++) {
        if (senders.get(i).loop().equals(loop)) {
          SplittableRandom random = new SplittableRandom(plan.seed() + i);
          pairs.add(new Pair(senders.get(i), receivers.get(i), plan.shape(), recorder, random));
          numbers.add(i);
        }
      }
      Driver driver =
          switch (plan.pacing()) {
            case TrafficPlan.Window(int window) -> new ClosedDriver(loop, pairs, window);
            case TrafficPlan.Rate rate ->
                new OpenDriver(
                    loop,
                    pairs,
                    index ->
                        new BurstSchedule(
                            plan.seed() + numbers.get(index),
                            rate.packetsPerSecond() / plan.pairs(),
                            rate.smallestBurst(),
                            rate.largestBurst(),
                            start),
                    recorder,
                    rate.spin());
          };
      parts.add(new LoopTraffic(loop, pairs, recorder, driver));
    }
  }

  /// Lets the traffic begin.
  public void start() throws InterruptedException {
    for (LoopTraffic part : parts) {
      part.start();
    }
  }

  /// Counts from here.
  public void begin() throws InterruptedException {
    for (LoopTraffic part : parts) {
      part.begin();
    }
  }

  /// Counts to here, and sends nothing more.
  public void end() throws InterruptedException {
    for (LoopTraffic part : parts) {
      part.end();
    }
  }

  /// Waits for packets under way, as long as any arrive.
  public void drain() throws InterruptedException {
    long before = Long.MAX_VALUE;
    for (long waited = 0; waited < DRAIN_MILLIS; waited += 100) {
      long missing = 0;
      for (LoopTraffic part : parts) {
        missing += part.missing();
      }
      if (missing == 0) {
        return;
      }
      if (missing < before) {
        before = missing;
        waited = 0;
      }
      Thread.sleep(100);
    }
  }

  /// The counts. To be asked for after [#drain].
  ///
  /// @param seconds how long was counted
  public TrafficReport report(double seconds) {
    long packets = recorded(LoopRecorder::relayedPackets);
    long bytes = recorded(LoopRecorder::relayedBytes);
    return new TrafficReport(
        packets,
        bytes,
        packets / seconds,
        bytes * 8 / seconds / 1e6,
        counted(Lanes::sent),
        counted(Lanes::delivered),
        counted(Lanes::missing),
        counted(Lanes::reordered),
        counted(Lanes::duplicated),
        recorded(LoopRecorder::late),
        recorded(LoopRecorder::refusedPackets),
        recorded(LoopRecorder::foreignPackets),
        mixed ? kind(false) : null,
        mixed ? kind(true) : null);
  }

  private KindReport kind(boolean isDisco) {
    return new KindReport(
        counted(lanes -> lanes.report(isDisco).sent()),
        counted(lanes -> lanes.report(isDisco).delivered()),
        counted(lanes -> lanes.report(isDisco).lost()),
        counted(lanes -> lanes.report(isDisco).reordered()));
  }

  /// From due time to arrival.
  public Percentiles delay() {
    return merged(LoopRecorder::delay);
  }

  /// From due time to sending.
  public Percentiles pacing() {
    return merged(LoopRecorder::pacing);
  }

  private Percentiles merged(Function<LoopRecorder, Histogram> which) {
    Histogram sum = new Histogram(which.apply(parts.getFirst().recorder()));
    for (LoopTraffic part : parts) {
      sum.add(which.apply(part.recorder()));
    }
    return Percentiles.of(sum);
  }

  private long recorded(ToLongFunction<LoopRecorder> count) {
    return parts.stream().mapToLong(part -> count.applyAsLong(part.recorder())).sum();
  }

  private long counted(ToLongFunction<Lanes> count) {
    return parts.stream().mapToLong(part -> part.sum(count)).sum();
  }
}
