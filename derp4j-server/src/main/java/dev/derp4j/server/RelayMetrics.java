package dev.derp4j.server;

import dev.derp4j.admission.AdmissionCounts;
import dev.derp4j.limits.RateLimits;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.routing.Registry;
import dev.derp4j.session.Population;
import dev.derp4j.stunserver.StunMetrics;
import java.util.Map;
import java.util.TreeMap;

/// Tells the metrics where the values that other rooms keep are to be found.
final class RelayMetrics {
  private RelayMetrics() {}

  static void supplyFrom(Metrics metrics, Registry registry, Population population) {
    metrics.supply(Metric.DERP_CURRENT_CONNECTIONS, () -> registry.census().connections());
    metrics.supply(Metric.DERP_CLIENTS_LOCAL, () -> registry.census().keys());
    metrics.supply(Metric.DERP_CLIENTS_TOTAL, () -> registry.region().keys());
    metrics.supply(Metric.DERP_CLIENTS_REMOTE, () -> registry.region().remoteKeys());
    metrics.supply(
        Metric.DERP_MULTIFORWARDER_CREATED, () -> registry.region().multiForwardersCreated());
    metrics.supply(
        Metric.DERP_MULTIFORWARDER_DELETED, () -> registry.region().multiForwardersDeleted());
    metrics.supply(
        Metric.DERP_PACKET_FORWARDER_DELETE_OTHER_VALUE,
        () -> registry.region().foreignForwarderRemovals());
    metrics.supply(Metric.DERP_WATCHERS, () -> registry.census().watchers());
    metrics.supply(Metric.DERP_CURRENT_DUP_CLIENT_KEYS, () -> registry.census().duplicateKeys());
    metrics.supply(
        Metric.DERP_CURRENT_DUP_CLIENT_CONNS, () -> registry.census().duplicateConnections());
    metrics.supply(
        Metric.DERP_TOTAL_DUP_CLIENT_CONNS, () -> registry.census().duplicateConnectionsEver());
    metrics.supply(Metric.DERP_CURRENT_HOME_CONNECTIONS, population.home()::sum);
    metrics.supply(Metric.DERP_CURRENT_NOTIDEAL_CONNECTIONS, population.notIdeal()::sum);
  }

  static void supplyFrom(Metrics metrics, RateLimits limits) {
    metrics.supply(Metric.DERP_RATE_LIMIT_PER_CLIENT_BURST_BYTES, () -> limits.config().burst());
    metrics.supply(
        Metric.DERP_RATE_LIMIT_PER_CLIENT_BYTES_PER_SECOND, () -> limits.config().rate());
    metrics.supply(Metric.DERP4J_RATE_LIMIT_TOTAL_WAITED, limits.share()::waits);
  }

  static void supplyFrom(Metrics metrics, AdmissionCounts counts) {
    counts.forEach(
        (verdict, reason, count) ->
            metrics.supply(
                Metric.DERP4J_ADMISSION,
                new TreeMap<>(Map.of("verdict", verdict.label(), "reason", reason.label())),
                count::sum));
  }

  static void supplyFrom(Metrics metrics, StunMetrics stun) {
    metrics.supply(Metric.STUN_REQUESTS, "success", stun.success::sum);
    metrics.supply(Metric.STUN_REQUESTS, "not_stun", stun.notStun::sum);
    metrics.supply(Metric.STUN_REQUESTS, "read_error", stun.readError::sum);
    metrics.supply(Metric.STUN_REQUESTS, "write_error", stun.writeError::sum);
    metrics.supply(Metric.STUN_ADDRFAMILY, "ipv4", stun.ipv4::sum);
    metrics.supply(Metric.STUN_ADDRFAMILY, "ipv6", stun.ipv6::sum);
    metrics.supply(Metric.STUN_NO_LOCAL_ADDR, stun.noLocalAddress::sum);
  }
}
