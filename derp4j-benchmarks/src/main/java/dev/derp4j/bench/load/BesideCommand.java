package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.ConnectReport;
import dev.derp4j.bench.load.report.HalfOpenReport;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.traffic.TrafficPlan;
import dev.derp4j.bench.load.wire.Dialer;
import dev.derp4j.bench.load.wire.HalfOpenCrowd;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load beside`: what busy pairs notice of a storm of connects.
@Command(
    name = "beside",
    description =
        "Pairs exchange packets at a rate while clients connect beside them; reports the pairs'"
            + " delay in calm and in the storm.",
    mixinStandardHelpOptions = true)
final class BesideCommand implements Callable<Integer> {
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  private static final int GATHER_PER_SECOND = 1000;

  @Mixin TargetOptions target = new TargetOptions();
  @Mixin TrafficOptions traffic = new TrafficOptions();
  @Mixin BurstOptions bursts = new BurstOptions();
  @Mixin StormOptions storms = new StormOptions();

  @Option(
      names = "--rate",
      paramLabel = "PACKETS",
      description = "Packets per second of all pairs together. Default: ${DEFAULT-VALUE}.")
  double rate = 5000;

  @Option(
      names = "--connects",
      paramLabel = "N",
      description = "Clients that connect and leave. Default: ${DEFAULT-VALUE}.")
  int connects = 5000;

  @Option(
      names = "--storm-loops",
      paramLabel = "N",
      description =
          "Event loops of these clients, which get the processor time that those of the pairs"
              + " leave. Default: ${DEFAULT-VALUE}.")
  int stormLoops = 1;

  @Option(
      names = "--half-open",
      paramLabel = "N",
      description =
          "Connections beside them that begin and never finish, replaced when the server ends"
              + " them. Default: ${DEFAULT-VALUE}.")
  int halfOpen;

  @Override
  public Integer call() throws Exception {
    storms.check();
    Check.atLeast("--connects", connects, 1);
    Check.between("--storm-loops", stormLoops, 1, 1024);
    Check.between("--half-open", halfOpen, 0, 1_000_000);
    TrafficPlan plan = traffic.plan(bursts.pacing("--rate", rate), target.seed);
    try (PairedClients pairs = PairedClients.connect(target, traffic);
        Dialer dialer = target.dialerBeside(stormLoops);
        HalfOpenCrowd crowd =
            new HalfOpenCrowd(dialer, target.target("--server", target.server), halfOpen)) {
      ConnectStorm storm = storms.storm(dialer, dialer.meetServer(target.await));
      PairedClients.Counted calm = pairs.count(plan);
      crowd.gather(GATHER_PER_SECOND);
      AtomicInteger halfOpenAtBegin = new AtomicInteger();
      AtomicReference<ConnectReport> connected = new AtomicReference<>();
      PairedClients.Counted stormy =
          pairs.count(
              plan.warmedUpFor(BETWEEN),
              () -> {
                halfOpenAtBegin.set(crowd.open());
                connected.set(storm.blow(connects));
              });
      HalfOpenReport crowded =
          halfOpen == 0
              ? null
              : new HalfOpenReport(
                  halfOpen, halfOpenAtBegin.get(), crowd.open(), crowd.ended(), crowd.failed());

      Map<String, Object> settings = pairs.settings();
      settings.put("rate", rate);
      settings.put("burst", bursts.burst);
      settings.put("connects", connects);
      settings.put("stormLoops", stormLoops);
      settings.put("halfOpen", halfOpen);
      storms.describe(settings);
      return Outcome.of(
          new ReportBuilder("beside", settings, stormy.seconds(), stormy.conditions())
              .connectionsLost(pairs.lost() + dialer.lost())
              .traffic(stormy.traffic())
              .delay(stormy.delay())
              .calmDelay(calm.delay())
              .connects(connected.get())
              .halfOpen(crowded)
              .build(),
          target.json);
    }
  }
}
