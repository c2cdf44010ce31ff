package dev.derp4j.mesh;

import dev.derp4j.routing.Registry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// The neighbours as a page for people and as JSON for programs.
public final class MeshPage {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>derper mesh</title><style>
      body { font-family: system-ui, sans-serif; margin: 1.5em; color: #222 }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums }
      th, td { padding: .3em .8em; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top }
      .n { text-align: right }
      .connected { color: #06622c } .waiting { color: #a1260d } .dialling { color: #7a5a00 }
      .error { max-width: 28em; overflow-wrap: anywhere }
      </style></head><body>
      <h1>Mesh</h1>
      """;

  private MeshPage() {}

  /// The page.
  ///
  /// @param now against which ages are told
  public static String html(List<NeighbourStatus> neighbours, Registry.Region region, Instant now) {
    StringBuilder page = new StringBuilder(HEAD);
    page.append("<p>")
        .append(region.keys())
        .append(" keys in the region, ")
        .append(region.remoteKeys())
        .append(" of them on other nodes only. <a href=\"/debug/mesh?format=json\">JSON</a></p>\n");
    if (neighbours.isEmpty()) {
      return page.append("<p>No neighbours: -mesh-with names none.</p></body></html>\n").toString();
    }
    page.append("<table><tr><th>neighbour</th><th>state</th><th>address</th>")
        .append("<th class=\"n\">keys</th><th class=\"n\">packets out</th>")
        .append("<th class=\"n\">bytes out</th><th class=\"n\">packets in</th>")
        .append("<th class=\"n\">bytes in</th><th class=\"n\">dropped</th>")
        .append("<th class=\"n\">reconnects</th><th>last error</th></tr>\n");
    for (NeighbourStatus one : neighbours) {
      row(page, one, now);
    }
    return page.append("</table></body></html>\n").toString();
  }

  private static void row(StringBuilder page, NeighbourStatus one, Instant now) {
    page.append("<tr><td>").append(escape(one.name())).append("</td><td class=\"");
    page.append(one.state().text()).append("\">").append(one.state().text());
    page.append(" for ").append(age(one.since(), now)).append("</td><td>");
    page.append(escape(one.address().orElse(""))).append("</td>");
    for (long number :
        new long[] {
          one.keys(),
          one.packetsOut(),
          one.bytesOut(),
          one.packetsIn(),
          one.bytesIn(),
          one.dropped().all(),
          one.reconnects()
        }) {
      page.append("<td class=\"n\">").append(number).append("</td>");
    }
    page.append("<td class=\"error\">").append(escape(one.lastError().orElse("")));
    one.lastErrorAt().ifPresent(at -> page.append(" (").append(age(at, now)).append(" ago)"));
    page.append("</td></tr>\n");
  }

  private static String age(Instant since, Instant now) {
    Duration age = Duration.between(since, now).truncatedTo(ChronoUnit.SECONDS);
    if (age.isNegative()) {
      return "0 s";
    }
    if (age.toDays() > 0) {
      return age.toDays() + " d " + age.toHoursPart() + " h";
    }
    if (age.toHours() > 0) {
      return age.toHours() + " h " + age.toMinutesPart() + " min";
    }
    return age.toMinutes() > 0
        ? age.toMinutes() + " min " + age.toSecondsPart() + " s"
        : age.toSeconds() + " s";
  }

  /// ```json
  /// {"keys":3,"remoteKeys":2,"neighbours":[{"name":"b.example.com","state":"connected",…}]}
  /// ```
  ///
  /// All fields are always there; `null` where there is nothing to tell.
  public static String json(List<NeighbourStatus> neighbours, Registry.Region region) {
    StringBuilder json = new StringBuilder(256);
    json.append("{\"keys\":").append(region.keys());
    json.append(",\"remoteKeys\":").append(region.remoteKeys()).append(",\"neighbours\":[");
    String comma = "";
    for (NeighbourStatus one : neighbours) {
      json.append(comma).append("{\"name\":").append(quoted(one.name()));
      json.append(",\"state\":").append(quoted(one.state().text()));
      json.append(",\"since\":").append(quoted(one.since().toString()));
      json.append(",\"address\":").append(orNull(one.address()));
      json.append(",\"key\":").append(orNull(one.serverKey().map(Object::toString)));
      json.append(",\"keys\":").append(one.keys());
      json.append(",\"packetsOut\":").append(one.packetsOut());
      json.append(",\"bytesOut\":").append(one.bytesOut());
      json.append(",\"packetsIn\":").append(one.packetsIn());
      json.append(",\"bytesIn\":").append(one.bytesIn());
      json.append(",\"droppedQueueFull\":").append(one.dropped().queueFull());
      json.append(",\"droppedDisconnected\":").append(one.dropped().disconnected());
      json.append(",\"reconnects\":").append(one.reconnects());
      json.append(",\"lastError\":").append(orNull(one.lastError()));
      json.append(",\"lastErrorAt\":").append(orNull(one.lastErrorAt().map(Object::toString)));
      json.append('}');
      comma = ",";
    }
    return json.append("]}\n").toString();
  }

  private static String orNull(Optional<String> text) {
    return text.map(MeshPage::quoted).orElse("null");
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;");
  }
}
