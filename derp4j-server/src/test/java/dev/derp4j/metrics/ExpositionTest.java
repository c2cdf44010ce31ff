package dev.derp4j.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ExpositionTest {
  /// What the original prints and we do not, or not yet: see the package's page.
  private static final Pattern LEFT_OUT =
      Pattern.compile("(memstats_(mallocs|frees)|process_virtual_memory_max_bytes).*");

  /// What we print and v1.102.5 did not.
  private static final Pattern ADDED =
      Pattern.compile("(derp4j_|stun_no_local_addr|derp_rate_limit_).*");

  private final Metrics metrics = new Metrics("1.2.3", "derper");

  @Test
  void namesTypesLabelsAndOrderAreTheOriginals() throws IOException {
    supplyAll();
    metrics.show(
        Metric.TLS_LISTENER_ACCEPTED_CONNECTIONS, Metric.TLS_LISTENER_REJECTED_CONNECTIONS);
    metrics.tlsRequest("TLSv1.3");
    metrics.tlsActive("TLSv1.3", 1);

    List<String> ours =
        metrics.expose().lines().map(ExpositionTest::withoutValue).filter(without(ADDED)).toList();

    assertThat(ours).containsExactlyElementsOf(recorded().filter(without(LEFT_OUT)).toList());
  }

  private void supplyAll() {
    for (Metric metric : Metric.values()) {
      if (metric.form() == MetricForm.GIVEN_SCALAR) {
        metrics.supply(metric, () -> 0);
      }
    }
    for (String disposition : List.of("success", "not_stun", "read_error", "write_error")) {
      metrics.supply(Metric.STUN_REQUESTS, disposition, () -> 0);
    }
    metrics.supply(Metric.STUN_ADDRFAMILY, "ipv6", () -> 0);
    metrics.supply(Metric.STUN_ADDRFAMILY, "ipv4", () -> 0);
  }

  private static Stream<String> recorded() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ExpositionTest.class.getResourceAsStream("varz-v1.102.5.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.startsWith("# ") || line.matches("# (TYPE|HELP) .*"));
    }
  }

  private static Predicate<String> without(Pattern names) {
    return line -> !names.matcher(line.replaceFirst("^# (TYPE|HELP) ", "")).matches();
  }

  private static String withoutValue(String line) {
    if (line.startsWith("# TYPE")) {
      return line;
    }
    if (line.startsWith("# HELP")) {
      return String.join(" ", List.of(line.split(" ", 4)).subList(0, 3));
    }
    return line.substring(0, line.lastIndexOf(' ')).replace("1.2.3", "…");
  }

  @Test
  void everyLineIsAWellFormedSampleOrComment() {
    metrics.observe(Metric.DERP_BUFFERED_WRITE_FRAMES, 3);
    Pattern sample =
        Pattern.compile("[a-z_0-9]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? [-0-9.e+]+");
    Pattern comment =
        Pattern.compile("# (TYPE [a-z_0-9]+ (counter|gauge|histogram)|HELP [a-z_0-9]+ .+)");

    assertThat(metrics.expose().lines())
        .allMatch(line -> sample.matcher(line).matches() || comment.matcher(line).matches());
  }

  @Test
  void allPairsOfDropReasonAndKindAreThereFromTheStart() {
    assertThat(lines("derp_packets_dropped{"))
        .hasSize(DropReason.values().length * PacketKind.values().length)
        .allMatch(line -> line.endsWith(" 0"))
        .isSorted();
  }

  @Test
  void aDropIsPrintedUnderItsOwnReasonAndKind() {
    metrics.dropped(DropReason.QUEUE_HEAD, PacketKind.DISCO, 2, 300);

    assertThat(metrics.expose().lines())
        .contains(
            "derp_packets_dropped{reason=\"queue_head\",kind=\"disco\"} 2",
            "derp_bytes_dropped{reason=\"queue_head\",kind=\"disco\"} 300",
            "derp_packets_dropped{reason=\"queue_head\",kind=\"other\"} 0",
            "derp_packets_dropped{reason=\"queue_tail\",kind=\"disco\"} 0");
  }

  @Test
  void histogramBucketsAreCumulative() {
    for (int value : new int[] {0, 1, 1, 4, 7, 60, 5000}) {
      metrics.observe(Metric.DERP_MESH_UPDATE_LOOP_COUNT, value);
    }

    assertThat(lines("derp_mesh_update_loop_count"))
        .containsExactly(
            "derp_mesh_update_loop_count_bucket{le=\"0\"} 1",
            "derp_mesh_update_loop_count_bucket{le=\"1\"} 3",
            "derp_mesh_update_loop_count_bucket{le=\"2\"} 3",
            "derp_mesh_update_loop_count_bucket{le=\"5\"} 4",
            "derp_mesh_update_loop_count_bucket{le=\"10\"} 5",
            "derp_mesh_update_loop_count_bucket{le=\"20\"} 5",
            "derp_mesh_update_loop_count_bucket{le=\"50\"} 5",
            "derp_mesh_update_loop_count_bucket{le=\"100\"} 6",
            "derp_mesh_update_loop_count_bucket{le=\"+Inf\"} 7",
            "derp_mesh_update_loop_count_sum 5073",
            "derp_mesh_update_loop_count_count 7");
  }

  private List<String> lines(String start) {
    return metrics.expose().lines().filter(line -> line.startsWith(start)).toList();
  }

  @Test
  void aLabelOfRoundTripsAppearsWithItsFirstCount() {
    assertThat(metrics.expose())
        .contains("# TYPE derp_tcp_rtt counter\n")
        .doesNotContain("derp_tcp_rtt{");

    metrics.tcpRtt("50ms");
    metrics.tcpRtt("50ms");

    assertThat(metrics.expose()).contains("\nderp_tcp_rtt{le=\"50ms\"} 2\n");
  }

  @Test
  void theTlsListenersCountersAreThereWithTlsOnly() {
    assertThat(metrics.expose()).doesNotContain("tls_listener_");

    metrics.show(Metric.TLS_LISTENER_ACCEPTED_CONNECTIONS);

    assertThat(metrics.expose()).contains("tls_listener_accepted_connections 0");
  }

  @Test
  void aSupplierThatThrowsCostsItsOwnLineOnly() {
    metrics.supply(
        Metric.DERP_WATCHERS,
        () -> {
          throw new IllegalStateException("broken on purpose");
        });
    metrics.supply(Metric.DERP_CLIENTS_LOCAL, () -> 17);

    assertThat(metrics.expose())
        .doesNotContain("derp_watchers")
        .contains("derp_clients_local 17\n");
  }

  @Test
  void textInALabelCannotBreakOutOfIt() {
    String page = new Metrics("1 \"\\\n", "derper").expose();

    assertThat(page).contains("version{version=\"1 \\\"\\\\\\n\",binary=\"derper\"} 1\n");
  }

  @Test
  void whatTheProcessIsMadeOfHasPlausibleValues() {
    assertThat(metrics.value(Metric.PROCESS_RESIDENT_MEMORY)).isGreaterThan(10_000_000);
    assertThat(metrics.value(Metric.PROCESS_OPEN_FDS)).isGreaterThan(2);
    assertThat(metrics.value(Metric.PROCESS_MAX_FDS)).isGreaterThan(2);
    assertThat(metrics.value(Metric.GOROUTINES)).isPositive();
    assertThat(metrics.value(Metric.MEMSTATS_TOTAL_ALLOC)).isPositive();
    assertThat(metrics.value(Metric.MEMSTATS_SYS)).isPositive();
    assertThat(metrics.value(Metric.NODE_BOOT_TIME))
        .isLessThanOrEqualTo(metrics.value(Metric.PROCESS_START_TIME));
    assertThat(metrics.value(Metric.PROCESS_START_TIME))
        .isLessThanOrEqualTo(metrics.value(Metric.PROCESS_START_UNIX_TIME) + 1);
  }
}
