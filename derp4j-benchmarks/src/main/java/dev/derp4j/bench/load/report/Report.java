package dev.derp4j.bench.load.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// All that one run found out. Parts that a mode does not have are absent.
///
/// @param mode the command that made it
/// @param settings what it was asked to do
/// @param seconds how long was counted
/// @param conditions what to know for judging the figures
/// @param connectionsLost connections that ended although nobody closed them
/// @param traffic what became of packets
/// @param delay from a packet's due time to its arrival
/// @param connects what became of connects
/// @param idle what idle connections cost
/// @param serverCpuMicros processor time of the server per packet or connect in µs, which is also
///     seconds per 10^6
public record Report(
    String mode,
    Map<String, Object> settings,
    double seconds,
    Conditions conditions,
    int connectionsLost,
    @Nullable TrafficReport traffic,
    @Nullable Percentiles delay,
    @Nullable ConnectReport connects,
    @Nullable IdleReport idle,
    @Nullable Double serverCpuMicros) {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .build();

  /// Whether connections failed or were lost.
  public boolean trouble() {
    return connectionsLost > 0
        || (connects != null && connects.failed() > 0)
        || (idle != null && idle.failed() > 0);
  }

  /// Writes this as JSON.
  public void write(Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(this) + "\n");
  }

  /// Reads what [#write] wrote.
  public static Report read(Path file) throws IOException {
    return JSON.readValue(Files.readString(file), Report.class);
  }
}
