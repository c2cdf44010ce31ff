package dev.derp4j.server;

import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// The metrics of each neighbour: as many label values as are configured, or as a configured name
/// has addresses.
final class MeshMetrics {
  private MeshMetrics() {}

  static void supplyFrom(Metrics metrics, Supplier<List<NeighbourStatus>> neighbours) {
    each(
        metrics,
        Metric.DERP4J_MESH_CONNECTED,
        neighbours,
        one -> one.state() == NeighbourStatus.State.CONNECTED ? 1 : 0);
    each(metrics, Metric.DERP4J_MESH_CONNECTS, neighbours, NeighbourStatus::connects);
    each(metrics, Metric.DERP4J_MESH_KEYS, neighbours, NeighbourStatus::keys);
    each(metrics, Metric.DERP4J_MESH_PACKETS_OUT, neighbours, NeighbourStatus::packetsOut);
    each(metrics, Metric.DERP4J_MESH_BYTES_OUT, neighbours, NeighbourStatus::bytesOut);
    each(metrics, Metric.DERP4J_MESH_PACKETS_IN, neighbours, NeighbourStatus::packetsIn);
    each(metrics, Metric.DERP4J_MESH_BYTES_IN, neighbours, NeighbourStatus::bytesIn);
    metrics.supplyFamily(Metric.DERP4J_MESH_PACKETS_DROPPED, () -> drops(neighbours.get()));
  }

  private static void each(
      Metrics metrics,
      Metric metric,
      Supplier<List<NeighbourStatus>> neighbours,
      ToLongFunction<NeighbourStatus> value) {
    metrics.supplyFamily(
        metric,
        () -> {
          Map<List<String>, Long> values = new HashMap<>();
          neighbours.get().forEach(one -> values.put(List.of(one.name()), value.applyAsLong(one)));
          return values;
        });
  }

  private static Map<List<String>, Long> drops(List<NeighbourStatus> neighbours) {
    Map<List<String>, Long> values = new HashMap<>();
    for (NeighbourStatus one : neighbours) {
      values.put(List.of(one.name(), DropReason.QUEUE_HEAD.label()), one.dropped().queueFull());
      values.put(
          List.of(one.name(), DropReason.GONE_DISCONNECTED.label()), one.dropped().disconnected());
    }
    return values;
  }
}
