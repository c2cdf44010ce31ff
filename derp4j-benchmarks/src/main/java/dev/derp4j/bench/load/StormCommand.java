package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.ConnectReport;
import dev.derp4j.bench.load.report.Memory;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.report.ServerWatch;
import dev.derp4j.bench.load.report.StormMemory;
import dev.derp4j.bench.load.report.Watch;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.key.NodePublicKey;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load storm`: clients that connect, shake hands and leave, and what is left in the server.
@Command(
    name = "storm",
    description =
        "Connects with full handshakes and closes at once, one client after the other; reports the"
            + " server's memory before, and after all have gone.",
    mixinStandardHelpOptions = true)
final class StormCommand implements Callable<Integer> {
  @Mixin TargetOptions target = new TargetOptions();
  @Mixin StormOptions options = new StormOptions();

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      description = "Connects before the counting begins. Default: ${DEFAULT-VALUE}.")
  int warmup = 5;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "How long is counted, unless --connects says it. Default: ${DEFAULT-VALUE}.")
  int duration = 10;

  @Option(
      names = "--connects",
      paramLabel = "N",
      description = "Counts so many connects, however long they take.")
  int connects;

  @Option(
      names = "--rest",
      paramLabel = "SECONDS",
      description =
          "How long the server may rest before memory is read for the second time."
              + " Default: ${DEFAULT-VALUE}.")
  int rest = 2;

  @Override
  public Integer call() throws Exception {
    options.check();
    Check.atLeast("--warmup", warmup, 0);
    Check.atLeast("--duration", duration, 1);
    Check.atLeast("--connects", connects, 0);
    Check.atLeast("--rest", rest, 0);
    ServerWatch server = target.serverWatch();
    try (Dialer dialer = target.dialer(false)) {
      NodePublicKey serverKey = dialer.meetServer(target.await);
      ConnectStorm storm = options.storm(dialer, serverKey);
      Watch watch = new Watch(server, dialer.loops());
      storm.blowFor(warmup);
      Memory before = server.settledMemory();

      watch.begin();
      long beganAt = System.nanoTime();
      ConnectReport done = connects > 0 ? storm.blow(connects) : storm.blowFor(duration);
      double seconds = (System.nanoTime() - beganAt) / 1e9;
      Conditions conditions = watch.end(false);
      TimeUnit.SECONDS.sleep(rest);
      Memory gone = server.settledMemory();

      Map<String, Object> settings = target.settings();
      options.describe(settings);
      settings.put("connects", connects);
      settings.put("warmup", warmup);
      settings.put("duration", duration);
      settings.put("settle", target.settle);
      ReportBuilder report =
          new ReportBuilder("storm", settings, seconds, conditions)
              .connectionsLost(dialer.lost())
              .connects(done)
              .units(done.connects());
      if (before != null) {
        report.storm(new StormMemory(before, gone, rest));
      }
      return Outcome.of(report.build(), target.json);
    }
  }
}
