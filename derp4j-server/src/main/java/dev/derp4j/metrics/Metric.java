package dev.derp4j.metrics;

import static dev.derp4j.metrics.Metric.Type.COUNTER;
import static dev.derp4j.metrics.Metric.Type.GAUGE;
import static dev.derp4j.metrics.Metric.Type.HISTOGRAM;
import static dev.derp4j.metrics.Metric.Type.UNTYPED;
import static dev.derp4j.metrics.MetricForm.COUNTED;
import static dev.derp4j.metrics.MetricForm.COUNTED_BY_LABEL;
import static dev.derp4j.metrics.MetricForm.DISTRIBUTION;
import static dev.derp4j.metrics.MetricForm.DROPS;
import static dev.derp4j.metrics.MetricForm.GIVEN_BY_LABEL;
import static dev.derp4j.metrics.MetricForm.GIVEN_SCALAR;

/// Everything that a relay measures about itself: the one catalogue, in the order in which it is
/// printed.
///
/// Names, types, labels and order are those of the relays that operators run today, so that a
/// dashboard does not notice the change of binary; only what starts with `derp4j_` is our own. What
/// has no meaning on a JVM is missing: see the package's page.
public enum Metric {
  PROCESS_CPU_SECONDS(
      COUNTER,
      GIVEN_SCALAR,
      "process_cpu_seconds_total",
      "Total user and system CPU time spent in seconds."),
  PROCESS_MAX_FDS(
      GAUGE, GIVEN_SCALAR, "process_max_fds", "Maximum number of open file descriptors."),
  PROCESS_NETWORK_RECEIVE_BYTES(
      COUNTER,
      GIVEN_SCALAR,
      "process_network_receive_bytes_total",
      "Number of bytes that this network namespace received over IP."),
  PROCESS_NETWORK_TRANSMIT_BYTES(
      COUNTER,
      GIVEN_SCALAR,
      "process_network_transmit_bytes_total",
      "Number of bytes that this network namespace sent over IP."),
  PROCESS_OPEN_FDS(GAUGE, GIVEN_SCALAR, "process_open_fds", "Number of open file descriptors."),
  PROCESS_RESIDENT_MEMORY(
      GAUGE, GIVEN_SCALAR, "process_resident_memory_bytes", "Resident memory size in bytes."),
  PROCESS_START_TIME(
      GAUGE,
      GIVEN_SCALAR,
      "process_start_time_seconds",
      "Start time of the process since unix epoch in seconds."),
  PROCESS_VIRTUAL_MEMORY(
      GAUGE, GIVEN_SCALAR, "process_virtual_memory_bytes", "Virtual memory size in bytes."),

  BOOTSTRAP_DNS_PUBLISHED_HITS(
      COUNTER,
      COUNTED,
      "bootstrap_dns_published_hits",
      "Questions for a published bootstrap name."),
  BOOTSTRAP_DNS_PUBLISHED_MISSES(
      COUNTER,
      COUNTED,
      "bootstrap_dns_published_misses",
      "Questions for a published bootstrap name that has no addresses."),
  BOOTSTRAP_DNS_QUERIED_DOMAINS(
      COUNTER,
      GIVEN_SCALAR,
      "bootstrap_dns_queried_domains",
      "Distinct names asked for, up to 500, then from 0 again."),
  BOOTSTRAP_DNS_REQUESTS(
      COUNTER, COUNTED, "bootstrap_dns_requests", "Requests for bootstrap names."),
  BOOTSTRAP_DNS_UNPUBLISHED_HITS(
      COUNTER,
      COUNTED,
      "bootstrap_dns_unpublished_hits",
      "Questions for an unpublished bootstrap name."),
  BOOTSTRAP_DNS_UNPUBLISHED_MISSES(
      COUNTER,
      COUNTED,
      "bootstrap_dns_unpublished_misses",
      "Questions for a name that is no bootstrap name."),
  BOOTSTRAP_DNS_UNPUBLISHED_PERCENT_MISSES(
      COUNTER,
      COUNTED,
      "bootstrap_dns_unpublished_percent_misses",
      "Questions for an unpublished bootstrap name by clients outside its rollout."),

  /// Connections that asked for DERP, whether or not their handshake succeeded.
  DERP_ACCEPTS(COUNTER, COUNTED, "derp_accepts", "Connections that were upgraded to DERP."),
  /// Fed by [Metrics#queueDuration].
  DERP_AVERAGE_QUEUE_DURATION(
      UNTYPED,
      GIVEN_SCALAR,
      "derp_average_queue_duration_ms",
      "Moving average of the time a packet waited to be written."),
  DERP_BYTES_RECEIVED(
      COUNTER,
      COUNTED,
      "derp_bytes_received",
      "Bytes of the packets that clients sent, without keys."),
  DERP_BYTES_SENT(
      COUNTER,
      COUNTED,
      "derp_bytes_sent",
      "Bytes of the packets written to clients, without keys."),
  DERP_BUFFERED_WRITE_FRAMES(
      HISTOGRAM,
      DISTRIBUTION,
      "derp_buffered_write_frames",
      "Frames that one flush of a connection carried."),
  DERP_MESH_UPDATE_BATCH_SIZE(
      HISTOGRAM,
      DISTRIBUTION,
      "derp_mesh_update_batch_size",
      "Presence changes told to a watcher in one go."),
  DERP_MESH_UPDATE_LOOP_COUNT(
      HISTOGRAM,
      DISTRIBUTION,
      "derp_mesh_update_loop_count",
      "Rounds it took to tell a watcher all that had gathered."),
  DERP_PACKETS_RECEIVED_KIND(
      COUNTER,
      COUNTED_BY_LABEL,
      "derp_packets_received_kind",
      "kind",
      "Packets from clients by kind."),
  /// The labels appear with their first count: [Metrics#tcpRtt].
  DERP_TCP_RTT(
      COUNTER,
      COUNTED_BY_LABEL,
      "derp_tcp_rtt",
      "le",
      "Round-trip times of connections, measured every 10 s."),
  DERP_TOTAL_DUP_CLIENT_CONNS(
      COUNTER,
      GIVEN_SCALAR,
      "derp_total_dup_client_conns",
      "Connections that came with a key already connected."),
  DERP_CLIENTS_LOCAL(GAUGE, GIVEN_SCALAR, "derp_clients_local", "Keys connected to this node."),
  DERP_CLIENTS_REMOTE(
      GAUGE,
      GIVEN_SCALAR,
      "derp_clients_remote",
      "Keys known to be connected elsewhere in the mesh."),
  DERP_CLIENTS_TOTAL(
      GAUGE, GIVEN_SCALAR, "derp_clients_total", "Keys connected here or elsewhere in the mesh."),
  DERP_CURRENT_CONNECTIONS(GAUGE, GIVEN_SCALAR, "derp_current_connections", "DERP connections."),
  DERP_CURRENT_DUP_CLIENT_CONNS(
      GAUGE,
      GIVEN_SCALAR,
      "derp_current_dup_client_conns",
      "Connections whose key has several connections."),
  DERP_CURRENT_DUP_CLIENT_KEYS(
      GAUGE, GIVEN_SCALAR, "derp_current_dup_client_keys", "Keys with several connections."),
  DERP_CURRENT_FILE_DESCRIPTORS(
      GAUGE, GIVEN_SCALAR, "derp_current_file_descriptors", "Open file descriptors."),
  DERP_CURRENT_HOME_CONNECTIONS(
      GAUGE,
      GIVEN_SCALAR,
      "derp_current_home_connections",
      "Connections of clients whose home this node is."),
  DERP_CURRENT_NOTIDEAL_CONNECTIONS(
      GAUGE,
      GIVEN_SCALAR,
      "derp_current_notideal_connections",
      "Connections of clients that would rather be on another node of the region."),
  DERP_MEMSTATS_SYS0(
      GAUGE, GIVEN_SCALAR, "derp_memstats_sys0", "memstats_sys as it was at the start."),
  DERP_WATCHERS(
      GAUGE, GIVEN_SCALAR, "derp_watchers", "Mesh peers that watch this node's connections."),
  DERP_GOT_PING(COUNTER, COUNTED, "derp_got_ping", "Ping frames received."),
  DERP_HOME_MOVES_IN(
      COUNTER, COUNTED, "derp_home_moves_in", "Clients that made this node their home."),
  DERP_HOME_MOVES_OUT(
      COUNTER,
      COUNTED,
      "derp_home_moves_out",
      "Clients that ceased to have this node as their home."),
  DERP_MULTIFORWARDER_CREATED(
      COUNTER,
      GIVEN_SCALAR,
      "derp_multiforwarder_created",
      "Keys that became reachable through several mesh peers."),
  DERP_MULTIFORWARDER_DELETED(
      COUNTER,
      GIVEN_SCALAR,
      "derp_multiforwarder_deleted",
      "Keys that ceased to be reachable through several mesh peers."),
  DERP_PACKET_FORWARDER_DELETE_OTHER_VALUE(
      COUNTER,
      GIVEN_SCALAR,
      "derp_packet_forwarder_delete_other_value",
      "Keys taken back by a mesh peer that was not known to have them."),
  DERP_PACKETS_FORWARDED_IN(
      COUNTER, COUNTED, "derp_packets_forwarded_in", "Packets that mesh peers forwarded to us."),
  DERP_PACKETS_FORWARDED_OUT(
      COUNTER, COUNTED, "derp_packets_forwarded_out", "Packets forwarded to a mesh peer."),
  DERP_PACKETS_RECEIVED(COUNTER, COUNTED, "derp_packets_received", "Packets from clients."),
  DERP_PACKETS_SENT(COUNTER, COUNTED, "derp_packets_sent", "Packets written to clients."),
  DERP_PEER_GONE_DISCONNECTED_FRAMES(
      COUNTER,
      COUNTED,
      "derp_peer_gone_disconnected_frames",
      "PeerGone frames for peers that left."),
  DERP_PEER_GONE_NOT_HERE_FRAMES(
      COUNTER,
      COUNTED,
      "derp_peer_gone_not_here_frames",
      "PeerGone frames for peers that are not here."),
  /// This and the next two with a rate file only.
  DERP_RATE_LIMIT_PER_CLIENT_BURST_BYTES(
      UNTYPED,
      GIVEN_SCALAR,
      "derp_rate_limit_per_client_burst_bytes",
      "Bytes that a client may send at once."),
  DERP_RATE_LIMIT_PER_CLIENT_BYTES_PER_SECOND(
      UNTYPED,
      GIVEN_SCALAR,
      "derp_rate_limit_per_client_bytes_per_second",
      "Bytes a second that a client may send; 0 for no limit."),
  DERP_RATE_LIMIT_PER_CLIENT_WAITED(
      COUNTER,
      GIVEN_SCALAR,
      "derp_rate_limit_per_client_waited",
      "How often a client's limit stopped the reading from it."),
  /// Our own.
  DERP4J_RATE_LIMIT_TOTAL_WAITED(
      COUNTER,
      GIVEN_SCALAR,
      "derp4j_rate_limit_total_waited",
      "How often the limit for all clients together stopped the reading from one."),
  DERP_SCLIENT_WRITE_TIMEOUTS(
      COUNTER,
      COUNTED,
      "derp_sclient_write_timeouts",
      "Connections closed because a write did not finish in time."),
  DERP_SENT_PONG(COUNTER, COUNTED, "derp_sent_pong", "Pong frames sent."),
  DERP_UNKNOWN_FRAMES(
      COUNTER, COUNTED, "derp_unknown_frames", "Frames of a type that we do not know."),
  /// Our own: exactly one count for each connection that ended.
  DERP4J_CONNECTIONS_CLOSED(
      COUNTER,
      COUNTED_BY_LABEL,
      "derp4j_connections_closed",
      "reason",
      "Connections that ended, by reason."),
  /// Our own, printed where there is something to decide: labels `verdict` and `reason`.
  DERP4J_ADMISSION(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_admission_total",
      "Clients admitted, rejected, and disconnected later because they would not be admitted now."),
  /// Our own: one line for each name that has a certificate.
  DERP4J_CERT_EXPIRY(
      GAUGE,
      GIVEN_BY_LABEL,
      "derp4j_cert_expiry_seconds",
      "hostname",
      "When the certificate that is served ends, in Unix seconds."),
  DERP4J_CERT_FAILURES(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_cert_failures",
      "hostname",
      "Certificates that could not be obtained, or were no good."),
  DERP4J_CERT_RENEWALS(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_cert_renewals",
      "hostname",
      "Certificates that were obtained, or taken in place of another, since the start."),
  DERP4J_MESH_BYTES_IN(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_mesh_bytes_in",
      "neighbour",
      "Bytes of packets that a neighbour forwarded to us."),
  DERP4J_MESH_BYTES_OUT(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_mesh_bytes_out",
      "neighbour",
      "Bytes of packets forwarded to a neighbour."),
  DERP4J_MESH_CONNECTED(
      GAUGE,
      GIVEN_BY_LABEL,
      "derp4j_mesh_connected",
      "neighbour",
      "1 while the connection to a neighbour stands, else 0."),
  DERP4J_MESH_CONNECTS(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_mesh_connects",
      "neighbour",
      "How often the connection to a neighbour was made."),
  DERP4J_MESH_KEYS(
      GAUGE, GIVEN_BY_LABEL, "derp4j_mesh_keys", "neighbour", "Keys that a neighbour has told of."),
  /// By reason: `queue_head` and `gone_disconnected`, as in `derp_packets_dropped`, where they are
  /// counted too.
  DERP4J_MESH_PACKETS_DROPPED(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_mesh_packets_dropped",
      "neighbour,reason",
      "Packets for a neighbour that were lost, by reason."),
  DERP4J_MESH_PACKETS_IN(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_mesh_packets_in",
      "neighbour",
      "Packets that a neighbour forwarded to us."),
  DERP4J_MESH_PACKETS_OUT(
      COUNTER,
      GIVEN_BY_LABEL,
      "derp4j_mesh_packets_out",
      "neighbour",
      "Packets forwarded to a neighbour."),
  DERP_BYTES_DROPPED(
      COUNTER, DROPS, "derp_bytes_dropped", "DERP bytes dropped by reason and by kind"),
  DERP_PACKETS_DROPPED(
      COUNTER, DROPS, "derp_packets_dropped", "DERP packets dropped by reason and by kind"),
  DERP_WEBSOCKET_ACCEPTS(
      COUNTER, COUNTED, "derp_websocket_accepts", "Connections that speak DERP in a WebSocket."),

  /// TLS requests being answered, and upgraded connections until they close.
  TLS_ACTIVE_VERSION(
      GAUGE,
      COUNTED_BY_LABEL,
      "derper_tls_active_version",
      "version",
      "TLS requests and upgraded connections now."),
  TLS_REQUEST_VERSION(
      UNTYPED,
      COUNTED_BY_LABEL,
      "derper_tls_request_version",
      "version",
      "Requests that came over TLS."),
  /// On a JVM: live threads.
  GOROUTINES(GAUGE, GIVEN_SCALAR, "goroutines", "Live threads of the JVM."),
  MEMSTATS_HEAP_ALLOC(
      GAUGE,
      GIVEN_SCALAR,
      "memstats_heap_alloc",
      "current bytes of allocated heap objects, garbage not yet collected included"),
  MEMSTATS_TOTAL_ALLOC(
      COUNTER,
      GIVEN_SCALAR,
      "memstats_total_alloc",
      "cumulative bytes allocated for heap objects by all threads"),
  MEMSTATS_SYS(
      GAUGE,
      GIVEN_SCALAR,
      "memstats_sys",
      "bytes of memory held from the OS, file mappings not counted"),
  MEMSTATS_NUM_GC(COUNTER, GIVEN_SCALAR, "memstats_num_gc", "number of completed GC cycles"),
  MEMSTATS_GC_CPU_FRACTION(
      GAUGE,
      GIVEN_SCALAR,
      "memstats_gc_cpu_fraction",
      "fraction of the time since the start spent in GC"),
  NODE_BOOT_TIME(
      UNTYPED,
      GIVEN_SCALAR,
      "node_boot_time_seconds",
      "When the machine was booted, in Unix seconds."),
  PROCESS_START_UNIX_TIME(
      UNTYPED,
      GIVEN_SCALAR,
      "process_start_unix_time",
      "When the relay was started, in Unix seconds."),
  STUN_ADDRFAMILY(
      COUNTER,
      GIVEN_BY_LABEL,
      "stun_addrfamily",
      "family",
      "STUN requests answered, by address family."),
  STUN_NO_LOCAL_ADDR(
      COUNTER,
      GIVEN_SCALAR,
      "stun_no_local_addr",
      "STUN requests for which the system did not tell the address they were sent to."),
  STUN_REQUESTS(
      COUNTER, GIVEN_BY_LABEL, "stun_requests", "disposition", "Datagrams on the STUN port."),
  /// Printed with TLS only: [Metrics#show].
  TLS_LISTENER_ACCEPTED_CONNECTIONS(
      COUNTER,
      COUNTED,
      "tls_listener_accepted_connections",
      "Connections accepted on the TLS port."),
  /// Printed with TLS only: [Metrics#show].
  TLS_LISTENER_REJECTED_CONNECTIONS(
      COUNTER,
      COUNTED,
      "tls_listener_rejected_connections",
      "Connections closed on the TLS port because more came than the accept limit allows."),
  UPTIME(COUNTER, GIVEN_SCALAR, "uptime_sec", "Seconds since the start."),
  VERSION(UNTYPED, GIVEN_BY_LABEL, "version", "The version that is running.");

  /// The type as Prometheus knows it; an untyped metric has no `# TYPE` line.
  public enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM,
    UNTYPED
  }

  private final Type type;
  private final MetricForm form;
  private final String printedName;
  private final String label;
  private final String help;

  Metric(Type type, MetricForm form, String printedName, String help) {
    this(type, form, printedName, "", help);
  }

  Metric(Type type, MetricForm form, String printedName, String label, String help) {
    this.type = type;
    this.form = form;
    this.printedName = printedName;
    this.label = label;
    this.help = help;
  }

  public Type type() {
    return type;
  }

  MetricForm form() {
    return form;
  }

  /// The name as printed at `/debug/varz`.
  public String printedName() {
    return printedName;
  }

  /// The name of its label, or the names of several parted by commas; empty if it has none.
  public String label() {
    return label;
  }

  /// What it says, in a sentence or less.
  public String help() {
    return help;
  }
}
