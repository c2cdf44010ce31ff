package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.IdleReport;
import dev.derp4j.bench.load.report.Memory;
import dev.derp4j.bench.load.report.MemorySample;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.report.ServerWatch;
import dev.derp4j.bench.load.report.Watch;
import dev.derp4j.bench.load.wire.DerpConnection;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.bench.load.wire.Identity;
import dev.derp4j.bench.load.wire.MassDialer;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load idle`: connections that do nothing, and what they cost the server.
@Command(
    name = "idle",
    description = "Opens connections, holds them without traffic, and closes them.",
    mixinStandardHelpOptions = true)
final class IdleCommand implements Callable<Integer> {
  /// Points of the curve of memory against connections.
  private static final int SAMPLES = 10;

  @Mixin TargetOptions target = new TargetOptions();

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "How many. Default: ${DEFAULT-VALUE}.")
  int connections = 1000;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Connects per second. Default: ${DEFAULT-VALUE}.")
  int rate = 500;

  @Option(
      names = "--at-once",
      paramLabel = "N",
      description = "Connects in progress. Default: ${DEFAULT-VALUE}.")
  int atOnce = 16;

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      description =
          "How long to hold them; from 70 on every one must get a KeepAlive."
              + " Default: ${DEFAULT-VALUE}.")
  int hold = 10;

  @Override
  public Integer call() throws Exception {
    Check.between("--connections", connections, 0, 10_000_000);
    Check.atLeast("--rate", rate, 0);
    Check.between("--at-once", atOnce, 1, 10_000);
    Check.atLeast("--hold", hold, 0);
    ServerWatch server = target.serverWatch();
    Limits.check(connections, server.openFileLimit(), target.sourceAddresses().size());
    try (Dialer dialer = target.dialer(false)) {
      NodePublicKey serverKey = dialer.meetServer(target.await);
      Watch watch = new Watch(server, dialer.loops());
      Memory before = server.settledMemory();
      watch.begin();

      ConcurrentLinkedQueue<DerpConnection> open = new ConcurrentLinkedQueue<>();
      List<MemorySample> samples = new ArrayList<>();
      MassDialer many = new MassDialer(atOnce, rate);
      long beganAt = System.nanoTime();
      for (int i = 0; i < connections; i++) {
        int number = i;
        many.start(
            () -> dialer.connect(dialer.loopFor(number), Identity.generate().prepare(serverKey)),
            (connection, startedAt) -> open.add(connection));
        if (i > 0 && i % Math.max(1, connections / SAMPLES) == 0) {
          sample(server, open.size(), samples);
        }
      }
      many.drain();
      double upSeconds = (System.nanoTime() - beganAt) / 1e9;
      int up = open.size();
      System.out.printf("%,d connections up after %.1f s%n", up, upSeconds);
      Conditions conditions = watch.end(false);
      Memory atUp = server.settledMemory();

      TimeUnit.SECONDS.sleep(hold);
      Memory atHeld = server.settledMemory();

      int kept = up - dialer.lost();
      int keptAlive = keptAlive(open);
      DerpConnection.closeAll(open);
      TimeUnit.SECONDS.sleep(2);
      IdleReport idle =
          new IdleReport(
              up,
              many.failed(),
              many.firstFailure() == null ? null : Objects.toString(many.firstFailure()),
              upSeconds,
              hold,
              kept,
              keptAlive,
              before,
              atUp,
              atHeld,
              server.settledMemory(),
              samples);
      Map<String, Object> settings = target.settings();
      settings.put("connections", connections);
      settings.put("rate", rate);
      settings.put("hold", hold);
      settings.put("settle", target.settle);
      return Outcome.of(
          new ReportBuilder("idle", settings, hold, conditions)
              .connectionsLost(up - kept)
              .idle(idle)
              .units(up)
              .build(),
          target.json);
    }
  }

  private static void sample(ServerWatch server, int connections, List<MemorySample> samples)
      throws IOException {
    Memory now = server.memory();
    if (now != null) {
      samples.add(new MemorySample(connections, now));
    }
  }

  /// A count is written on its loop; once the loops have answered, what is read here is complete.
  private static int keptAlive(Iterable<DerpConnection> open) throws InterruptedException {
    int count = 0;
    for (DerpConnection connection : open) {
      int[] seen = new int[1];
      connection.loop().submit(() -> seen[0] = connection.keepAlives()).await();
      count += seen[0] > 0 ? 1 : 0;
    }
    return count;
  }
}
