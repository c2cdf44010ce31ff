package dev.derp4j.bench.load.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// All that one run found out. Parts that a mode does not have are absent. Made by a
/// [ReportBuilder].
///
/// @param mode the command that made it
/// @param settings what it was asked to do
/// @param seconds how long was counted
/// @param conditions what to know for judging the figures
/// @param connectionsLost connections that ended although nobody closed them
/// @param traffic what became of packets
/// @param delay from a packet's due time to its arrival
/// @param calmDelay the same before something disturbed the packets on purpose
/// @param steps the rungs of a ladder of offered loads
/// @param connects what became of connects
/// @param halfOpen what became of connections that were never finished
/// @param idle what idle connections cost
/// @param storm memory around a storm of connects
/// @param stun what became of STUN requests
/// @param start how a server starts
/// @param serverCpuMicros processor time of the server per packet, connect or answer in µs, which
///     is also seconds per 10^6
public record Report(
    String mode,
    Map<String, Object> settings,
    double seconds,
    Conditions conditions,
    int connectionsLost,
    @Nullable TrafficReport traffic,
    @Nullable Percentiles delay,
    @Nullable Percentiles calmDelay,
    @Nullable List<Step> steps,
    @Nullable ConnectReport connects,
    @Nullable HalfOpenReport halfOpen,
    @Nullable IdleReport idle,
    @Nullable StormMemory storm,
    @Nullable StunReport stun,
    @Nullable StartReport start,
    @Nullable Double serverCpuMicros) {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .build();

  /// Whether connections failed or were lost, or answers were wrong.
  public boolean trouble() {
    return connectionsLost > 0
        || (connects != null && connects.failed() > 0)
        || (idle != null && idle.failed() > 0)
        || (stun != null && (stun.wrong() > 0 || stun.answers() == 0));
  }

  /// Writes this as JSON.
  public void write(Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(this) + "\n");
  }

  /// Reads what [#write] wrote.
  ///
  /// @throws IOException if it cannot be read, or is no report
  public static Report read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readString(file), Report.class);
    } catch (JacksonException e) {
      throw new IOException("no report: " + file + ": " + e.getOriginalMessage(), e);
    }
  }
}
