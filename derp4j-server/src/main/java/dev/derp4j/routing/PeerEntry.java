package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import org.jspecify.annotations.Nullable;

/// What the registry knows of one key with at least one local connection.
///
/// Written under the registry's lock alone; the volatile fields are read from any thread without
/// it. An entry that left the table never returns to it: [#isRetired] tells a caller that kept one
/// to look the key up again.
public final class PeerEntry {
  final NodePublicKey key;
  private volatile @Nullable LocalPeer active;
  private volatile int connections;
  private volatile boolean retired;

  /// Non-null while the key has two or more connections. Guarded by the registry's lock.
  @Nullable DuplicateSet duplicates;

  PeerEntry(NodePublicKey key) {
    this.key = key;
  }

  /// The key.
  public NodePublicKey key() {
    return key;
  }

  /// The connection that gets packets for this key; null when the last one went, or when every
  /// duplicate is disabled.
  public @Nullable LocalPeer active() {
    return active;
  }

  /// How many connections hold the key.
  public int connections() {
    return connections;
  }

  /// Whether the entry has left the table for good.
  public boolean isRetired() {
    return retired;
  }

  void setActive(@Nullable LocalPeer peer) {
    active = peer;
  }

  void setConnections(int count) {
    connections = count;
  }

  void retire() {
    retired = true;
  }
}
