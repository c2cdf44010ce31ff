package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.report.TrafficReport;
import dev.derp4j.bench.load.report.Watch;
import dev.derp4j.bench.load.traffic.PathCheck;
import dev.derp4j.bench.load.traffic.TrafficPlan;
import dev.derp4j.bench.load.traffic.TrafficRun;
import dev.derp4j.bench.load.wire.DerpConnection;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.bench.load.wire.Identity;
import dev.derp4j.bench.load.wire.MassDialer;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The connected pairs of a run. Receivers are clients of the same server as their senders, or of
/// one that is meshed with it. Both ends of a pair are on one event loop.
final class PairedClients implements AutoCloseable {
  private final TargetOptions target;
  private final TrafficOptions traffic;
  private final Dialer dialer;
  private final List<DerpConnection> senders;
  private final List<DerpConnection> receivers;

  /// What came of a counted time.
  ///
  /// @param seconds how long was counted
  record Counted(double seconds, Conditions conditions, TrafficReport traffic, Percentiles delay) {}

  /// What happens while packets are counted.
  interface Meanwhile {
    void happen() throws IOException, InterruptedException;
  }

  private PairedClients(
      TargetOptions target,
      TrafficOptions traffic,
      Dialer dialer,
      List<DerpConnection> senders,
      List<DerpConnection> receivers) {
    this.target = target;
    this.traffic = traffic;
    this.dialer = dialer;
    this.senders = senders;
    this.receivers = receivers;
  }

  /// Connects all pairs.
  ///
  /// @throws IOException if not all came up, or two servers do not carry packets between them
  static PairedClients connect(TargetOptions target, TrafficOptions traffic)
      throws IOException, InterruptedException {
    traffic.check();
    target.serverWatch();
    Dialer dialer = target.dialer(!traffic.coalesce);
    try {
      return connect(target, traffic, dialer);
    } catch (IOException | InterruptedException | RuntimeException e) {
      dialer.close();
      throw e;
    }
  }

  private static PairedClients connect(TargetOptions target, TrafficOptions traffic, Dialer dialer)
      throws IOException, InterruptedException {
    String second = traffic.secondServer;
    Dialer other =
        second == null ? dialer : dialer.toward(target.target("--second-server", second));
    List<DerpConnection> senders = connect(dialer, target.await, traffic.pairs);
    List<DerpConnection> receivers = connect(other, target.await, traffic.pairs);
    if (second != null) {
      int unreachable = PathCheck.await(senders, receivers, Math.max(1, target.await));
      if (unreachable > 0) {
        throw new IOException(
            unreachable
                + " of "
                + traffic.pairs
                + " receivers at "
                + second
                + " cannot be reached through "
                + target.server
                + ": are the two servers meshed?");
      }
    }
    return new PairedClients(target, traffic, dialer, senders, receivers);
  }

  /// The i-th client of every such list gets the same loop.
  private static List<DerpConnection> connect(Dialer dialer, int patience, int count)
      throws IOException, InterruptedException {
    NodePublicKey server = dialer.meetServer(patience);
    Map<Integer, DerpConnection> open = new ConcurrentHashMap<>();
    MassDialer many = new MassDialer(16, 0);
    for (int i = 0; i < count; i++) {
      int number = i;
      Identity identity = Identity.generate().prepare(server);
      many.start(
          () -> dialer.connect(dialer.loopFor(number), identity),
          (connection, startedAt) -> open.put(number, connection));
    }
    many.drain();
    if (open.size() < count) {
      throw new IOException(
          many.failed() + " of " + count + " connects failed: " + many.firstFailure());
    }
    List<DerpConnection> inOrder = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DerpConnection connection = open.get(i);
      if (connection == null) {
        throw new IllegalStateException("no connection " + i);
      }
      inOrder.add(connection);
    }
    return inOrder;
  }

  /// Makes traffic by a plan, and counts for its duration.
  Counted count(TrafficPlan plan) throws IOException, InterruptedException {
    return count(plan, () -> Thread.sleep(plan.duration().toMillis()));
  }

  /// Makes traffic by a plan, and counts for as long as something else goes on.
  Counted count(TrafficPlan plan, Meanwhile meanwhile) throws IOException, InterruptedException {
    boolean spin = plan.pacing() instanceof TrafficPlan.Rate rate && rate.spin();
    Watch watch = new Watch(target.serverWatch(), dialer.loops());
    TrafficRun run = new TrafficRun(plan, senders, receivers);
    run.start();
    Thread.sleep(plan.warmup().toMillis());

    watch.begin();
    run.begin();
    long beganAt = System.nanoTime();
    meanwhile.happen();
    run.end();
    double seconds = (System.nanoTime() - beganAt) / 1e9;
    Conditions conditions = watch.end(spin);
    run.drain();
    return new Counted(
        seconds, conditions.withPacing(run.pacing()), run.report(seconds), run.delay());
  }

  /// What was asked for, for the report.
  Map<String, Object> settings() throws IOException {
    Map<String, Object> settings = target.settings();
    traffic.describe(settings);
    return settings;
  }

  /// How many connections ended without our doing.
  int lost() {
    return dialer.lost();
  }

  @Override
  public void close() {
    DerpConnection.closeAll(senders);
    DerpConnection.closeAll(receivers);
    dialer.close();
  }
}
