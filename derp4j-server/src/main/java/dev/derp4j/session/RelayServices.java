package dev.derp4j.session;

import dev.derp4j.admission.Admission;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.limits.RateLimits;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.Registry;
import java.time.Duration;
import java.util.Set;

/// What all connections of one relay share. Immutable; its parts are thread-safe.
///
/// @param ownKey the relay's public key; a WatchConns from it is ignored
/// @param registry who is connected
/// @param metrics what is counted
/// @param admission who may come in
/// @param limits how fast clients may send
/// @param population how many connections are of which kind
/// @param meshTraffic what the other nodes of the mesh sent
/// @param log what is said of connections
/// @param memory the bound on what all queues together may hold
/// @param verboseDrops the destinations whose drops are logged
/// @param queueDepth packets per lane of a connection's queue
/// @param writeTimeout how long a client's connection may make no progress while data waits to be
///     written; zero for ever
/// @param meshWriteTimeout the same for connections that showed the mesh key
/// @param measureRoundTrips whether TCP round-trip times are sampled
public record RelayServices(
    NodePublicKey ownKey,
    Registry registry,
    Metrics metrics,
    Admission admission,
    RateLimits limits,
    Population population,
    MeshTraffic meshTraffic,
    ConnectionLog log,
    QueueMemory memory,
    Set<NodePublicKey> verboseDrops,
    int queueDepth,
    Duration writeTimeout,
    Duration meshWriteTimeout,
    boolean measureRoundTrips) {

  /// Counts a packet that will not be delivered, and logs it where somebody asked for that.
  public void dropped(
      DropReason reason,
      PacketKind kind,
      NodePublicKey source,
      NodePublicKey destination,
      int payloadBytes) {
    metrics.dropped(reason, kind, 1, payloadBytes);
    if (!verboseDrops.isEmpty() && verboseDrops.contains(destination)) {
      log.drop(reason, source, destination);
    }
  }
}
