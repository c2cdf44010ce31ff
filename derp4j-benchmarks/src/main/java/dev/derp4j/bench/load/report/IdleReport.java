package dev.derp4j.bench.load.report;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What idle connections cost.
///
/// Memory is that of the server's process, read after the settle command: before the first
/// connection, with all up, after the hold, and after all have gone.
///
/// @param connections that came up
/// @param failed attempts that did not
/// @param firstFailure why the first of them did not
/// @param upSeconds from the first attempt until all were up
/// @param heldSeconds how long they were held
/// @param kept connections still up at the end of the hold
/// @param keptAlive connections that got at least one KeepAlive; the server sends one every 60 to
///     65 s
/// @param before memory before
/// @param up memory with all up
/// @param held memory after the hold
/// @param gone memory after all have been closed
/// @param samples memory while they came up, a tenth of them after the other
public record IdleReport(
    int connections,
    int failed,
    @Nullable String firstFailure,
    double upSeconds,
    double heldSeconds,
    int kept,
    int keptAlive,
    @Nullable Memory before,
    @Nullable Memory up,
    @Nullable Memory held,
    @Nullable Memory gone,
    List<MemorySample> samples) {

  /// Reports written before there were samples have none.
  public IdleReport {
    samples = Objects.requireNonNullElse(samples, List.of());
  }

  /// Bytes per connection after the hold, counted in resident pages; `NaN` where memory is unknown.
  public double rssPerConnection() {
    return before == null || held == null || connections == 0
        ? Double.NaN
        : held.since(before).rss() * 1024.0 / connections;
  }

  /// The same counted in pages that nobody else has.
  public double ussPerConnection() {
    return before == null || held == null || connections == 0
        ? Double.NaN
        : held.since(before).uss() * 1024.0 / connections;
  }
}
