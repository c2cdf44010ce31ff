package dev.derp4j.bench.load;

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
  @Mixin BurstOptions bursts = new BurstOptions();

  @Option(
      names = "--rate",
      required = true,
      paramLabel = "PACKETS",
      description = "Packets per second of all pairs together.")
  double rate;

  @Override
  public Integer call() throws Exception {
    return Outcome.of(
        new TrafficSession("open", target, traffic)
            .run(
                bursts.pacing("--rate", rate),
                Map.of("rate", rate, "burst", bursts.burst, "spin", bursts.spin)),
        target.json);
  }
}
