package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// A report as a person wants to read it.
public final class ReportPrinter {
  private final Report report;
  private final StringBuilder out = new StringBuilder();

  public ReportPrinter(Report report) {
    this.report = report;
  }

  /// The table, lines ending in a line feed.
  public String text() {
    line("mode", "%s, %.1f s counted".formatted(report.mode(), report.seconds()));
    if (report.traffic() != null) {
      traffic(report.traffic());
    }
    times("delay", report.delay());
    if (report.connects() != null) {
      connects(report.connects());
    }
    if (report.idle() != null) {
      idle(report.idle());
    }
    if (report.conditions().server() != null) {
      server(report.conditions().server());
    }
    generator(report.conditions().generator());
    if (report.connectionsLost() > 0) {
      line("TROUBLE", "%,d connections ended by themselves".formatted(report.connectionsLost()));
    }
    return out.toString();
  }

  private void traffic(TrafficReport traffic) {
    line(
        "relayed",
        "%,.0f packets/s, %,.0f Mbit/s"
            .formatted(traffic.packetsPerSecond(), traffic.megabitsPerSecond()));
    line(
        "packets",
        "sent %,d, delivered %,d, lost %,d, reordered %,d, duplicated %,d, late %,d, refused %,d"
            .formatted(
                traffic.sent(),
                traffic.delivered(),
                traffic.lost(),
                traffic.reordered(),
                traffic.duplicated(),
                traffic.late(),
                traffic.refused()));
    if (traffic.foreign() > 0) {
      line("TROUBLE", "%,d packets arrived that nobody here sent".formatted(traffic.foreign()));
    }
  }

  private void connects(ConnectReport connects) {
    line("connects", "%,d, %,.0f per s".formatted(connects.connects(), connects.perSecond()));
    times("connect time", connects.time());
    failures(connects.failed(), connects.firstFailure());
  }

  private void idle(IdleReport idle) {
    line(
        "idle",
        "%,d up after %.1f s, %,d left after %.0f s, %,d of them kept alive"
            .formatted(
                idle.connections(),
                idle.upSeconds(),
                idle.kept(),
                idle.heldSeconds(),
                idle.keptAlive()));
    memory("before", idle.before());
    memory("all up", idle.up());
    memory("after hold", idle.held());
    memory("all gone", idle.gone());
    if (idle.held() != null) {
      line(
          "per connection",
          "%.1f KB resident, %.1f KB private (1 KB = 1000 bytes)"
              .formatted(idle.rssPerConnection() / 1000, idle.ussPerConnection() / 1000));
    }
    failures(idle.failed(), idle.firstFailure());
  }

  private void failures(long count, @Nullable String first) {
    if (count > 0) {
      line("TROUBLE", "%,d connects failed, the first because of %s".formatted(count, first));
    }
  }

  private void server(ServerReport server) {
    line(
        "server",
        "%.2f s processor time, %.0f %% of its %d processor%s"
            .formatted(
                server.cpuSeconds(),
                server.cpuShare() * 100,
                server.processors(),
                server.processors() == 1 ? "" : "s"));
    if (report.serverCpuMicros() != null) {
      line(
          "",
          (report.traffic() != null
                  ? "%.2f s processor time per 10^6 packets"
                  : "%.0f µs processor time per connect")
              .formatted(report.serverCpuMicros()));
    }
    if (report.idle() == null) {
      memory("memory before", server.before());
      memory("memory after", server.after());
    }
  }

  private void generator(GeneratorReport generator) {
    line(
        "generator",
        "%.2f processors, busiest of %d loops %.0f %%%s"
            .formatted(
                generator.cpus(),
                generator.loops(),
                generator.busiestLoop() * 100,
                generator.spinning() ? " (spinning)" : ""));
    times("loop lag", generator.loopLag());
    times("pacing lag", generator.pacingLag());
    if (generator.limiting()) {
      line("NOTE", "the generator was at its limit: volumes and delays are its own");
    }
    Double others = report.conditions().otherCpus();
    if (others != null) {
      line("others", "%.2f processors".formatted(others));
    }
    if (report.conditions().disturbed()) {
      line("NOTE", "other programs disturbed the measurement; do not trust it");
    }
    line("limited by", "%s".formatted(report.conditions().limitedBy()));
  }

  private void memory(String name, @Nullable Memory memory) {
    if (memory != null) {
      line(
          name,
          "%.1f MB resident, %.1f MB proportional, %.1f MB private"
              .formatted(
                  memory.rss() * 1024 / 1e6, memory.pss() * 1024 / 1e6, memory.uss() * 1024 / 1e6));
    }
  }

  private void times(String name, @Nullable Percentiles times) {
    if (times != null && times.count() > 0) {
      line(
          name,
          "p50 %,.0f, p90 %,.0f, p99 %,.0f, p99.9 %,.0f, max %,.0f µs"
              .formatted(times.p50(), times.p90(), times.p99(), times.p999(), times.max()));
    }
  }

  private void line(String name, String text) {
    out.append(String.format("%-15s", name)).append(text).append('\n');
  }
}
