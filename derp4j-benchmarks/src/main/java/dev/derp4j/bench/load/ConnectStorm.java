package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.ConnectReport;
import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.bench.load.wire.Identity;
import dev.derp4j.bench.load.wire.MassDialer;
import dev.derp4j.key.NodePublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntPredicate;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// Clients that connect, shake hands and leave, one after the other, some of them at once.
final class ConnectStorm {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Dialer dialer;
  private final List<Identity> clients = new ArrayList<>();
  private final int atOnce;
  private final int perSecond;
  private int next;

  /// @param identities different clients, whose keys and boxes are made here and now
  /// @param atOnce connects in progress
  /// @param perSecond most connects started in a second; 0 for no such bound
  ConnectStorm(Dialer dialer, NodePublicKey server, int identities, int atOnce, int perSecond) {
    this.dialer = dialer;
    this.atOnce = atOnce;
    this.perSecond = perSecond;
    for (int i = 0; i < identities; i++) {
      clients.add(Identity.generate().prepare(server));
    }
  }

  /// Goes on for so many seconds.
  ConnectReport blowFor(int seconds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    return blow(count -> System.nanoTime() - deadline < 0);
  }

  /// Makes so many connects.
  ConnectReport blow(int connects) throws InterruptedException {
    return blow(count -> count < connects);
  }

  /// Returns when the last connect is done, and the connections are on their way out.
  private ConnectReport blow(IntPredicate more) throws InterruptedException {
    LongAdder done = new LongAdder();
    Histogram times = new ConcurrentHistogram(1000, LONGEST_NANOS, 3);
    MassDialer many = new MassDialer(atOnce, perSecond);
    long beganAt = System.nanoTime();
    for (int count = 0; more.test(count); count++) {
      int number = next++;
      many.start(
          () -> dialer.connect(dialer.loopFor(number), clients.get(number % clients.size())),
          (connection, startedAt) -> {
            done.increment();
            times.recordValue(Math.clamp(System.nanoTime() - startedAt, 0, LONGEST_NANOS));
            connection.close();
          });
    }
    many.drain();
    double seconds = (System.nanoTime() - beganAt) / 1e9;
    return new ConnectReport(
        done.sum(),
        many.failed(),
        many.firstFailure() == null ? null : Objects.toString(many.firstFailure()),
        done.sum() / seconds,
        Percentiles.of(times));
  }
}
