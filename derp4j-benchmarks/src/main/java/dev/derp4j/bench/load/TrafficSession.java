package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Report;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.traffic.TrafficPlan;
import java.io.IOException;
import java.util.Map;

/// One run of traffic from the first connect to the report: what the plain modes that send packets
/// share.
final class TrafficSession {
  private final String mode;
  private final TargetOptions target;
  private final TrafficOptions traffic;

  TrafficSession(String mode, TargetOptions target, TrafficOptions traffic) {
    this.mode = mode;
    this.target = target;
    this.traffic = traffic;
  }

  /// @param settings the mode's own settings, for the report
  Report run(TrafficPlan.Pacing pacing, Map<String, Object> settings)
      throws IOException, InterruptedException {
    TrafficPlan plan = traffic.plan(pacing, target.seed);
    try (PairedClients clients = PairedClients.connect(target, traffic)) {
      PairedClients.Counted counted = clients.count(plan);
      Map<String, Object> all = clients.settings();
      all.putAll(settings);
      return new ReportBuilder(mode, all, counted.seconds(), counted.conditions())
          .connectionsLost(clients.lost())
          .traffic(counted.traffic())
          .delay(counted.delay())
          .units(counted.traffic().relayedPackets())
          .build();
    }
  }
}
