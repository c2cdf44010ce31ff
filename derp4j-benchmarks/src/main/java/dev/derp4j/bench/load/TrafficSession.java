package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.Report;
import dev.derp4j.bench.load.report.TrafficReport;
import dev.derp4j.bench.load.report.Watch;
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

/// One run of traffic from the first connect to the report: what the modes that send packets share.
final class TrafficSession {
  private final String mode;
  private final TargetOptions target;
  private final TrafficOptions traffic;

  TrafficSession(String mode, TargetOptions target, TrafficOptions traffic) {
    this.mode = mode;
    this.target = target;
    this.traffic = traffic;
  }

  /// @param settings the mode's own settings, for the report
  Report run(TrafficPlan.Pacing pacing, Map<String, Object> settings)
      throws IOException, InterruptedException {
    TrafficPlan plan = traffic.plan(pacing, target.seed);
    boolean spin = pacing instanceof TrafficPlan.Rate rate && rate.spin();
    try (Dialer dialer = target.dialer(!traffic.coalesce)) {
      NodePublicKey serverKey = dialer.meetServer(target.await);
      List<DerpConnection> clients = connect(dialer, serverKey, 2 * plan.pairs());
      Watch watch = new Watch(target.serverWatch(), dialer.loops());
      TrafficRun run =
          new TrafficRun(
              plan,
              clients.subList(0, plan.pairs()),
              clients.subList(plan.pairs(), clients.size()));
      run.start();
      Thread.sleep(plan.warmup().toMillis());

      watch.begin();
      run.begin();
      long beganAt = System.nanoTime();
      Thread.sleep(plan.duration().toMillis());
      run.end();
      double seconds = (System.nanoTime() - beganAt) / 1e9;
      Conditions conditions = watch.end(spin);
      run.drain();

      int lost = dialer.lost();
      DerpConnection.closeAll(clients);
      TrafficReport result = run.report(seconds);
      conditions = conditions.withPacing(run.pacing());
      Map<String, Object> all = target.settings();
      traffic.describe(all);
      all.putAll(settings);
      return new Report(
          mode,
          all,
          seconds,
          conditions,
          lost,
          result,
          run.delay(),
          null,
          null,
          conditions.cpuMicrosPer(result.relayedPackets()));
    }
  }

  /// Both ends of the i-th pair, `i` and `i + pairs`, get the same loop.
  private List<DerpConnection> connect(Dialer dialer, NodePublicKey server, int count)
      throws IOException, InterruptedException {
    Map<Integer, DerpConnection> open = new ConcurrentHashMap<>();
    MassDialer many = new MassDialer(16, 0);
    int pairs = count / 2;
    for (int i = 0; i < count; i++) {
      int number = i;
      Identity identity = Identity.generate().prepare(server);
      many.start(
          () -> dialer.connect(dialer.loopFor(number % pairs), identity),
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
}
