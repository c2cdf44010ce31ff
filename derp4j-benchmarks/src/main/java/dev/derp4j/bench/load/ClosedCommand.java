package dev.derp4j.bench.load;

import dev.derp4j.bench.load.traffic.TrafficPlan;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load closed`: as many packets as a window per pair lets through.
@Command(
    name = "closed",
    description = "As many packets as the server relays, with a fixed number in flight per pair.",
    mixinStandardHelpOptions = true)
final class ClosedCommand implements Callable<Integer> {
  @Mixin TargetOptions target = new TargetOptions();
  @Mixin TrafficOptions traffic = new TrafficOptions();

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "Packets in flight per pair. Default: ${DEFAULT-VALUE}.")
  int window = 16;

  @Override
  public Integer call() throws Exception {
    Check.between("--window", window, 1, 1_000_000);
    return Outcome.of(
        new TrafficSession("closed", target, traffic)
            .run(new TrafficPlan.Window(window), Map.of("window", window)),
        target.json);
  }
}
