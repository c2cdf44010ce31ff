package dev.derp4j.bench.load;

import dev.derp4j.bench.load.traffic.TrafficPlan;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load delay`: single packets at a low rate.
@Command(
    name = "delay",
    description = "Single packets at a low fixed rate; reports the delay.",
    mixinStandardHelpOptions = true)
final class DelayCommand implements Callable<Integer> {
  @Mixin TargetOptions target = new TargetOptions();
  @Mixin TrafficOptions traffic = new TrafficOptions();

  @Option(
      names = "--rate",
      paramLabel = "PACKETS",
      description = "Packets per second of all pairs together. Default: ${DEFAULT-VALUE}.")
  double rate = 5000;

  @Option(
      names = "--spin",
      description = "Event loops never sleep, so that their wake-up is not part of delays.")
  boolean spin;

  @Override
  public Integer call() throws Exception {
    Check.above("--rate", rate, 0);
    return Outcome.of(
        new TrafficSession("delay", target, traffic)
            .run(new TrafficPlan.Rate(rate, 1, 1, spin), Map.of("rate", rate, "spin", spin)),
        target.json);
  }
}
