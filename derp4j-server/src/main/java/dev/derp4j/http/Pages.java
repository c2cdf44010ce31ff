package dev.derp4j.http;

import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/// The two pages that people look at.
final class Pages {
  /// Relays of the company that runs most of them: there, and only there, its abuse address helps.
  private static final Pattern COMPANY_RELAY = Pattern.compile("derp[^.]*\\.tailscale\\.com\\.?");

  private Pages() {}

  /// What this is, for somebody who met its address in a log or a firewall.
  ///
  /// @param debugLink whether the reader may see the debug pages
  static String home(HttpSite site, boolean debugLink) {
    StringBuilder page = new StringBuilder(1024);
    page.append(
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>DERP relay</title></head><body>
        <h1>DERP relay</h1>
        <p>
          This server is a relay for <a href="https://tailscale.com/">Tailscale</a> networks. Two machines
          that cannot reach each other directly meet here, find out by STUN what lies between them, and pass
          each other packets until they have found a direct way.
        </p>
        <p>
          Those packets are encrypted from end to end: the relay sees who exchanges how much with whom, and
          can read none of it.
        </p>
        """);
    if (COMPANY_RELAY.matcher(site.hostname()).matches()) {
      page.append(
          """
          <p>Abuse reports: <a href="mailto:security@tailscale.com">security@tailscale.com</a>.</p>
          """);
    }
    page.append(
        """
        <p>
          More: <a href="https://tailscale.com/kb/1232/derp-servers">what a DERP server does</a>,
          <a href="https://tailscale.com/kb/1118/custom-derp-servers">how to run one</a>.
        </p>
        """);
    if (!site.derpEnabled()) {
      page.append("<p>Status: <b>disabled</b></p>\n");
    }
    if (debugLink) {
      page.append("<p>Debug info at <a href=\"/debug/\">/debug/</a>.</p>\n");
    }
    return page.append("</body></html>\n").toString();
  }

  static String debugIndex(HttpSite site, Metrics metrics) {
    StringBuilder page = new StringBuilder(512);
    page.append("<html><body><h1>derper debug</h1><ul>\n");
    item(page, "Uptime", duration(metrics.value(Metric.UPTIME)));
    item(page, "Version", site.version());
    item(page, "Machine", machine());
    item(page, "TLS hostname", site.hostname());
    item(page, "Mesh key", Boolean.toString(site.hasMeshKey()));
    page.append("<li><a href=\"/debug/varz\">/debug/varz</a> (Metrics (Prometheus))</li>\n");
    for (DebugPage debug : site.debugPages()) {
      page.append("<li><a href=\"")
          .append(debug.path())
          .append("\">")
          .append(debug.path())
          .append("</a> (")
          .append(Html.escape(debug.title()))
          .append(")</li>\n");
    }
    return page.append("</ul></body></html>\n").toString();
  }

  private static void item(StringBuilder page, String name, String value) {
    page.append("<li><b>")
        .append(name)
        .append(":</b> ")
        .append(Html.escape(value))
        .append("</li>\n");
  }

  /// As Go writes durations of whole seconds: `1h2m3s`.
  static String duration(long seconds) {
    Duration duration = Duration.ofSeconds(seconds);
    StringBuilder text = new StringBuilder();
    if (duration.toHours() > 0) {
      text.append(duration.toHours()).append('h');
    }
    if (duration.toMinutes() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    return text.append(duration.toSecondsPart()).append('s').toString();
  }

  /// The machine's own name, without asking a name server for it.
  private static String machine() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return System.getenv().getOrDefault("HOSTNAME", "unknown");
    }
  }
}
