package dev.derp4j.server;

import dev.derp4j.testkit.RawConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// What `/debug/varz` said at one moment.
///
/// @param values by name, with labels as printed: `derp_packets_dropped{reason="…",kind="…"}`
record Varz(Map<String, Double> values) {
  private static final String REQUEST =
      "GET /debug/varz HTTP/1.1\r\nHost: " + TestRelay.HOST + "\r\nConnection: close\r\n\r\n";

  /// Asks over a fresh connection, as a scraper would.
  static Varz read(RawConnection connection) throws IOException {
    connection.write(REQUEST);
    String head = connection.readHead(Eventually.LIMIT);
    if (!head.startsWith("HTTP/1.1 200 ")) {
      throw new AssertionError("no metrics: " + head);
    }
    byte[] body = connection.readUntilClosed(Eventually.LIMIT);
    Map<String, Double> values = new HashMap<>();
    new String(body, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              values.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            });
    return new Varz(values);
  }

  long get(String name) {
    Double value = values.get(name);
    if (value == null) {
      throw new AssertionError("no metric " + name);
    }
    return value.longValue();
  }

  long dropped(String reason, String kind) {
    return get(labels("derp_packets_dropped", reason, kind));
  }

  long droppedBytes(String reason, String kind) {
    return get(labels("derp_bytes_dropped", reason, kind));
  }

  private static String labels(String name, String reason, String kind) {
    return name + "{reason=\"" + reason + "\",kind=\"" + kind + "\"}";
  }

  long closed(String reason) {
    return get("derp4j_connections_closed{reason=\"" + reason + "\"}");
  }
}
