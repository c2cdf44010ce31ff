package dev.derp4j.bench.load.report;

import org.jspecify.annotations.Nullable;

/// Under what conditions something was counted: what a reader needs to judge the figures.
///
/// @param limitedBy `server`, `generator`, `both`, `neither`, or `unknown` where the server's
///     process is
/// @param generator the generator's own state
/// @param server what the server used, if its process is known
/// @param otherCpus processors that anybody else used meanwhile, if known
public record Conditions(
    String limitedBy,
    GeneratorReport generator,
    @Nullable ServerReport server,
    @Nullable Double otherCpus) {

  /// More than this of a processor in other hands disturbs the measurement.
  private static final double DISTURBING = 0.15;

  static Conditions of(
      GeneratorReport generator, @Nullable ServerReport server, @Nullable Double otherCpus) {
    return new Conditions(limit(generator, server), generator, server, otherCpus);
  }

  /// The same with the pacing lag of traffic that is sent by the clock.
  public Conditions withPacing(Percentiles lag) {
    return lag.count() == 0 ? this : of(generator.withPacing(lag), server, otherCpus);
  }

  /// Whether others used so much processor time that the figures are doubtful.
  public boolean disturbed() {
    return otherCpus != null && otherCpus > DISTURBING;
  }

  /// The server's processor time per unit of work, in µs; absent where it is unknown.
  public @Nullable Double cpuMicrosPer(long units) {
    return server == null || units == 0 ? null : server.cpuSeconds() * 1e6 / units;
  }

  private static String limit(GeneratorReport generator, @Nullable ServerReport server) {
    if (server == null) {
      return generator.limiting() ? "generator" : "unknown";
    }
    if (generator.limiting()) {
      return server.limiting() ? "both" : "generator";
    }
    return server.limiting() ? "server" : "neither";
  }
}
