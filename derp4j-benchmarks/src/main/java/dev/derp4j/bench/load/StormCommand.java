package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.ConnectReport;
import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.report.Report;
import dev.derp4j.bench.load.report.Watch;
import dev.derp4j.bench.load.wire.DerpConnection;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.bench.load.wire.Identity;
import dev.derp4j.bench.load.wire.MassDialer;
import dev.derp4j.key.NodePublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load storm`: clients that connect, shake hands and leave.
@Command(
    name = "storm",
    description = "Connects with full handshakes and closes at once, one client after the other.",
    mixinStandardHelpOptions = true)
final class StormCommand implements Callable<Integer> {
  @Mixin TargetOptions target = new TargetOptions();

  @Option(
      names = "--at-once",
      paramLabel = "N",
      description = "Connects in progress. Default: ${DEFAULT-VALUE}.")
  int atOnce = 16;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Most connects per second; 0 for as many as there can be. Default: 0.")
  int rate;

  @Option(
      names = "--identities",
      paramLabel = "N",
      description =
          "Different clients, their keys and boxes made before. Default: ${DEFAULT-VALUE}.")
  int identities = 500;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      description = "Connects before the counting begins. Default: ${DEFAULT-VALUE}.")
  int warmup = 5;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "How long is counted. Default: ${DEFAULT-VALUE}.")
  int duration = 10;

  @Override
  public Integer call() throws Exception {

    try (Dialer dialer = target.dialer(false)) {
      NodePublicKey serverKey = dialer.meetServer(target.await);
      List<Identity> clients = new ArrayList<>();
      for (int i = 0; i < identities; i++) {
        clients.add(Identity.generate().prepare(serverKey));
      }
      Watch watch = new Watch(target.serverWatch(), dialer.loops());
      storm(dialer, clients, warmup, (connection, startedAt) -> {});

      LongAdder done = new LongAdder();
      Histogram times = new ConcurrentHistogram(1000, TimeUnit.MINUTES.toNanos(1), 3);
      watch.begin();
      long beganAt = System.nanoTime();
      MassDialer counted =
          storm(
              dialer,
              clients,
              duration,
              (connection, startedAt) -> {
                done.increment();
                times.recordValue(
                    Math.clamp(System.nanoTime() - startedAt, 0, TimeUnit.MINUTES.toNanos(1)));
              });
      double seconds = (System.nanoTime() - beganAt) / 1e9;
      Conditions conditions = watch.end(false);
      ConnectReport connects =
          new ConnectReport(
              done.sum(),
              counted.failed(),
              counted.firstFailure() == null ? null : Objects.toString(counted.firstFailure()),
              done.sum() / seconds,
              Percentiles.of(times));
      Map<String, Object> settings = target.settings();
      settings.put("atOnce", atOnce);
      settings.put("rate", rate);
      settings.put("identities", identities);
      settings.put("warmup", warmup);
      settings.put("duration", duration);
      return Outcome.of(
          new Report(
              "storm",
              settings,
              seconds,
              conditions,
              dialer.lost(),
              null,
              null,
              connects,
              null,
              conditions.cpuMicrosPer(done.sum())),
          target.json);
    }
  }

  private MassDialer storm(
      Dialer dialer, List<Identity> clients, int seconds, BiConsumer<DerpConnection, Long> done)
      throws InterruptedException {
    MassDialer many = new MassDialer(atOnce, rate);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (int i = 0; System.nanoTime() - deadline < 0; i++) {
      int number = i;
      many.start(
          () -> dialer.connect(dialer.loopFor(number), clients.get(number % clients.size())),
          (connection, startedAt) -> {
            done.accept(connection, startedAt);
            connection.close();
          });
    }
    many.drain();
    return many;
  }
}
