package dev.derp4j.bench.load.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts a [Report] together from those parts that a mode has.
public final class ReportBuilder {
  private final String mode;
  private final Map<String, Object> settings;
  private final double seconds;
  private final Conditions conditions;
  private int connectionsLost;
  private @Nullable TrafficReport traffic;
  private @Nullable Percentiles delay;
  private @Nullable Percentiles calmDelay;
  private @Nullable List<Step> steps;
  private @Nullable ConnectReport connects;
  private @Nullable HalfOpenReport halfOpen;
  private @Nullable IdleReport idle;
  private @Nullable StormMemory storm;
  private @Nullable StunReport stun;
  private @Nullable StartReport start;
  private @Nullable Double serverCpuMicros;

  /// @param mode the command that makes it
  /// @param settings what it was asked to do
  /// @param seconds how long was counted
  public ReportBuilder(
      String mode, Map<String, Object> settings, double seconds, Conditions conditions) {
    this.mode = mode;
    this.settings = new LinkedHashMap<>(settings);
    this.seconds = seconds;
    this.conditions = conditions;
  }

  /// Connections that ended although nobody closed them.
  public ReportBuilder connectionsLost(int value) {
    this.connectionsLost = value;
    return this;
  }

  /// What became of packets.
  public ReportBuilder traffic(TrafficReport value) {
    this.traffic = value;
    return this;
  }

  /// From a packet's due time to its arrival.
  public ReportBuilder delay(Percentiles value) {
    this.delay = value;
    return this;
  }

  /// The same before something disturbed the packets on purpose.
  public ReportBuilder calmDelay(Percentiles value) {
    this.calmDelay = value;
    return this;
  }

  /// The rungs of a ladder.
  public ReportBuilder steps(List<Step> value) {
    this.steps = value;
    return this;
  }

  /// What became of connects.
  public ReportBuilder connects(ConnectReport value) {
    this.connects = value;
    return this;
  }

  /// What became of connections that were never finished.
  public ReportBuilder halfOpen(@Nullable HalfOpenReport value) {
    this.halfOpen = value;
    return this;
  }

  /// What idle connections cost.
  public ReportBuilder idle(IdleReport value) {
    this.idle = value;
    return this;
  }

  /// Memory around a storm of connects.
  public ReportBuilder storm(StormMemory value) {
    this.storm = value;
    return this;
  }

  /// What became of STUN requests.
  public ReportBuilder stun(StunReport value) {
    this.stun = value;
    return this;
  }

  /// How a server starts.
  public ReportBuilder start(StartReport value) {
    this.start = value;
    return this;
  }

  /// Divides the server's processor time by so many packets, connects or answers.
  public ReportBuilder units(long count) {
    serverCpuMicros = conditions.cpuMicrosPer(count);
    return this;
  }

  /// The report.
  public Report build() {
    return new Report(
        mode,
        settings,
        seconds,
        conditions,
        connectionsLost,
        traffic,
        delay,
        calmDelay,
        steps,
        connects,
        halfOpen,
        idle,
        storm,
        stun,
        start,
        serverCpuMicros);
  }
}
