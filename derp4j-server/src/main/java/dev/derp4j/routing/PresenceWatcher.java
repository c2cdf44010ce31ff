package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import org.jspecify.annotations.Nullable;

/// A mesh peer that asked to be told who is connected.
///
/// Both methods run under the registry's lock: they may only take notes.
public interface PresenceWatcher {
  /// Everybody who is connected at the moment of subscribing. The entries stay live: what is
  /// connected when the watcher gets round to reading one counts.
  void flood(PeerEntry[] everyone);

  /// A connection came (`present` is the connection), or a key's last one went (`null`).
  void presenceChanged(NodePublicKey key, @Nullable LocalPeer present);
}
