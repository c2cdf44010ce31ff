package dev.derp4j.bench.load;

import dev.derp4j.bench.load.traffic.TrafficPlan;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load open`: a rate that is offered whatever becomes of it.
@Command(
    name = "open",
    description =
        "Offers a rate in bursts, whatever arrives; counts lost, reordered and late packets.",
    mixinStandardHelpOptions = true)
final class OpenCommand implements Callable<Integer> {
  @Mixin TargetOptions target = new TargetOptions();
  @Mixin TrafficOptions traffic = new TrafficOptions();

  @Option(
      names = "--rate",
      required = true,
      paramLabel = "PACKETS",
      description = "Packets per second of all pairs together.")
  double rate;

  @Option(
      names = "--burst",
      paramLabel = "N[-M]",
      description = "Packets that a sender sends back to back. Default: ${DEFAULT-VALUE}.")
  String burst = "8-16";

  @Option(
      names = "--spin",
      description = "Event loops never sleep, so that their wake-up is not part of delays.")
  boolean spin;

  @Override
  public Integer call() throws Exception {
    int dash = burst.indexOf('-');
    int smallest = Integer.parseInt(dash < 0 ? burst : burst.substring(0, dash));
    int largest = Integer.parseInt(burst.substring(dash + 1));
    return Outcome.of(
        new TrafficSession("open", target, traffic)
            .run(
                new TrafficPlan.Rate(rate, smallest, largest, spin),
                Map.of("rate", rate, "burst", burst, "spin", spin)),
        target.json);
  }
}
