package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.report.StunReport;
import dev.derp4j.bench.load.report.Watch;
import dev.derp4j.bench.load.stun.StunFlood;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load stun`: Binding requests over UDP.
@Command(
    name = "stun",
    description =
        "Sends STUN requests as Tailscale's clients do, checks every answer, and reports how many"
            + " came.",
    mixinStandardHelpOptions = true)
final class StunCommand implements Callable<Integer> {
  @Mixin MeasuredOptions target = new MeasuredOptions();

  @Option(
      names = "--sockets",
      paramLabel = "N",
      description = "UDP sockets to ask from. Default: ${DEFAULT-VALUE}.")
  int sockets = 16;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "Requests in flight per socket. Default: ${DEFAULT-VALUE}.")
  int window = 32;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Requests per second of all sockets, by the clock; 0 for as many as are answered."
              + " Default: 0.")
  double rate;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      description = "Requests before the counting begins. Default: ${DEFAULT-VALUE}.")
  int warmup = 3;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "How long is counted. Default: ${DEFAULT-VALUE}.")
  int duration = 10;

  @Override
  public Integer call() throws Exception {
    Check.between("--sockets", sockets, 1, 20_000);
    Check.between("--window", window, 1, 65_536);
    Check.atLeast("--rate", rate, 0);
    Check.atLeast("--warmup", warmup, 0);
    Check.atLeast("--duration", duration, 1);
    InetSocketAddress server = target.address("--server", target.server);
    try (StunFlood flood =
        new StunFlood(server, target.sourceAddresses(), target.loops, sockets, window, rate)) {
      Watch watch = new Watch(target.serverWatch(), flood.loops());
      flood.start();
      Thread.sleep(warmup * 1000L);
      watch.begin();
      flood.begin();
      long beganAt = System.nanoTime();
      Thread.sleep(duration * 1000L);
      flood.end();
      double seconds = (System.nanoTime() - beganAt) / 1e9;
      Conditions conditions = watch.end(false);

      StunReport report = flood.report(seconds);
      if (report.answers() == 0) {
        throw new IOException("no STUN answer from " + target.server);
      }
      Map<String, Object> settings = target.settings();
      settings.put("sockets", sockets);
      settings.put("window", window);
      settings.put("rate", rate);
      settings.put("warmup", warmup);
      settings.put("duration", duration);
      return Outcome.of(
          new ReportBuilder("stun", settings, seconds, conditions)
              .stun(report)
              .delay(flood.times())
              .units(report.answers())
              .build(),
          target.json);
    }
  }
}
