package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.report.Step;
import dev.derp4j.bench.load.traffic.TrafficPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load ladder`: one offered rate after the other, up to the server's ceiling and past it.
@Command(
    name = "ladder",
    description =
        "Offers one rate after the other over the same connections; reports what was delivered and"
            + " how late at each.",
    mixinStandardHelpOptions = true)
final class LadderCommand implements Callable<Integer> {
  /// Before each rung but the first, so that queues of the one before are no part of it.
  private static final Duration BETWEEN = Duration.ofSeconds(1);

  @Mixin TargetOptions target = new TargetOptions();
  @Mixin TrafficOptions traffic = new TrafficOptions();
  @Mixin BurstOptions bursts = new BurstOptions();

  @Option(
      names = "--rates",
      required = true,
      split = ",",
      paramLabel = "PACKETS",
      description = "Packets per second of all pairs together, one rung after the other.")
  List<Double> rates = List.of();

  @Override
  public Integer call() throws Exception {
    for (double rate : rates) {
      bursts.pacing("--rates", rate);
    }
    List<Step> steps = new ArrayList<>();
    try (PairedClients clients = PairedClients.connect(target, traffic)) {
      for (double rate : rates) {
        TrafficPlan plan = traffic.plan(bursts.pacing("--rates", rate), target.seed);
        PairedClients.Counted counted =
            clients.count(steps.isEmpty() ? plan : plan.warmedUpFor(BETWEEN));
        Conditions conditions = counted.conditions();
        steps.add(
            new Step(
                rate,
                counted.traffic(),
                counted.delay(),
                conditions,
                conditions.cpuMicrosPer(counted.traffic().relayedPackets())));
      }
      Map<String, Object> settings = clients.settings();
      settings.put("rates", rates);
      settings.put("burst", bursts.burst);
      settings.put("spin", bursts.spin);
      double seconds = (double) rates.size() * traffic.duration;
      return Outcome.of(
          new ReportBuilder("ladder", settings, seconds, steps.getLast().conditions())
              .connectionsLost(clients.lost())
              .steps(steps)
              .build(),
          target.json);
    }
  }
}
