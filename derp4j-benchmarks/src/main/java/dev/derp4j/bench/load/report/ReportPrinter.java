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
    times("calm delay", report.calmDelay());
    times(report.stun() == null ? "delay" : "answer time", report.delay());
    if (report.steps() != null) {
      report.steps().forEach(this::step);
    }
    if (report.stun() != null) {
      stun(report.stun());
    }
    if (report.start() != null) {
      start(report.start());
    }
    if (report.connects() != null) {
      connects(report.connects());
    }
    if (report.halfOpen() != null) {
      halfOpen(report.halfOpen());
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
    kind("of these, disco", traffic.disco());
    kind("others", traffic.data());
    if (traffic.foreign() > 0) {
      line("TROUBLE", "%,d packets arrived that nobody here sent".formatted(traffic.foreign()));
    }
  }

  private void kind(String name, @Nullable KindReport kind) {
    if (kind != null) {
      line(
          name,
          "sent %,d, delivered %,d, lost %,d, reordered %,d"
              .formatted(kind.sent(), kind.delivered(), kind.lost(), kind.reordered()));
    }
  }

  private void step(Step step) {
    TrafficReport traffic = step.traffic();
    line(
        "%,.0f/s".formatted(step.offeredPerSecond()),
        ("delivered %,.0f/s, lost %,d of %,d, refused %,d, delay p50 %,.0f p99 %,.0f µs%s,"
                + " limited by %s")
            .formatted(
                traffic.packetsPerSecond(),
                traffic.lost(),
                traffic.sent(),
                traffic.refused(),
                step.delay().p50(),
                step.delay().p99(),
                step.serverCpuMicros() == null
                    ? ""
                    : ", %.2f µs processor time".formatted(step.serverCpuMicros()),
                step.conditions().limitedBy()));
  }

  private void stun(StunReport stun) {
    line("answers", "%,.0f/s".formatted(stun.answersPerSecond()));
    line(
        "requests",
        "%,d, answered %,d, lost %,d, refused %,d%s"
            .formatted(
                stun.requests(),
                stun.answers(),
                stun.lost(),
                stun.refused(),
                stun.translated() ? ", behind an address translation" : ""));
    if (stun.wrong() > 0) {
      line("TROUBLE", "%,d wrong answers".formatted(stun.wrong()));
    }
  }

  private void start(StartReport start) {
    line(
        "first answer",
        "after %,.0f ms, the median of %d starts (%,.0f to %,.0f)"
            .formatted(
                start.millis(), start.starts(), start.fastestMillis(), start.slowestMillis()));
    memory("memory", start.memory());
  }

  private void connects(ConnectReport connects) {
    line("connects", "%,d, %,.0f per s".formatted(connects.connects(), connects.perSecond()));
    times("connect time", connects.time());
    failures(connects.failed(), connects.firstFailure());
  }

  private void halfOpen(HalfOpenReport crowd) {
    line(
        "half-open",
        "%,d at the begin and %,d at the end of %,d, %,d ended by the server, %,d failed"
            .formatted(
                crowd.atBegin(), crowd.atEnd(), crowd.wanted(), crowd.ended(), crowd.failed()));
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
                  : report.stun() != null
                      ? "%.2f s processor time per 10^6 answers"
                      : "%.0f µs processor time per connect")
              .formatted(report.serverCpuMicros()));
    }
    StormMemory storm = report.storm();
    if (storm != null) {
      memory("before", storm.before());
      memory("all gone", storm.gone());
      line("", "%.2f times as much resident as before".formatted(storm.ratio()));
    } else if (report.idle() == null) {
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
    out.append(String.format("%-16s", name)).append(text).append('\n');
  }
}
