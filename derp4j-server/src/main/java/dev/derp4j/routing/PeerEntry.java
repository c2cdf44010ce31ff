package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What the registry knows of one key: its connections here, and the other nodes that have it.
///
/// Written under the registry's lock alone; the volatile fields are read from any thread without
/// it. An entry that left the table never returns to it: [#isRetired] tells a caller that kept one
/// to look the key up again.
///
/// A region may have a million keys, nearly all of them connected to one other node and to no more:
/// for those this object, its key and a slot in the table are all there is.
public final class PeerEntry {
  private static final int RETIRED = -1;

  final NodePublicKey key;
  private volatile @Nullable LocalPeer active;
  private volatile @Nullable Forwarder forwarder;

  /// How many, or [#RETIRED].
  private volatile int connections;

  /// Non-null while the key has two or more connections. Guarded by the registry's lock.
  @Nullable DuplicateSet duplicates;

  /// The forwarders behind the first, in the order in which they were seen; null if there is none.
  /// Guarded by the registry's lock.
  private Forwarder @Nullable [] laterForwarders;

  PeerEntry(NodePublicKey key) {
    this.key = key;
  }

  /// The key.
  public NodePublicKey key() {
    return key;
  }

  /// The connection that gets packets for this key; null when there is none here, or when every
  /// duplicate is disabled.
  public @Nullable LocalPeer active() {
    return active;
  }

  /// Where packets for this key go while it has no connection here; null where no other node is
  /// known to have it. Of several it is the one that was seen first.
  public @Nullable Forwarder forwarder() {
    return forwarder;
  }

  /// How many connections hold the key here.
  public int connections() {
    return Math.max(0, connections);
  }

  /// Whether the entry has left the table for good.
  public boolean isRetired() {
    return connections == RETIRED;
  }

  void setActive(@Nullable LocalPeer peer) {
    active = peer;
  }

  void setConnections(int count) {
    connections = count;
  }

  void retire() {
    connections = RETIRED;
  }

  /// How many other nodes have the key. Under the lock.
  int forwarders() {
    if (forwarder == null) {
      return 0;
    }
    return laterForwarders == null ? 1 : 1 + laterForwarders.length;
  }

  /// Puts a forwarder behind those that are there. Under the lock.
  ///
  /// @return false if it was there already
  boolean addForwarder(Forwarder added) {
    if (forwarder == null) {
      forwarder = added;
      return true;
    }
    if (hasForwarder(added)) {
      return false;
    }
    if (laterForwarders == null) {
      laterForwarders = new Forwarder[] {added};
    } else {
      laterForwarders = Arrays.copyOf(laterForwarders, laterForwarders.length + 1);
      laterForwarders[laterForwarders.length - 1] = added;
    }
    return true;
  }

  /// Takes a forwarder out; if it was the one in use, the next oldest takes its place. Under the
  /// lock.
  ///
  /// @return false if it was not there
  @SuppressWarnings("ReferenceEquality")
  boolean removeForwarder(Forwarder removed) {
    if (!hasForwarder(removed)) {
      return false;
    }
    Forwarder[] later = laterForwarders;
    if (later == null) {
      forwarder = null;
      return true;
    }
    Forwarder first = forwarder == removed ? later[0] : forwarder;
    laterForwarders =
        later.length == 1
            ? null
            : Arrays.stream(later)
                .filter(one -> one != removed && one != first)
                .toArray(Forwarder[]::new);
    forwarder = first;
    return true;
  }

  /// Whether a forwarder is one of this key's. Under the lock.
  @SuppressWarnings("ReferenceEquality")
  boolean hasForwarder(Forwarder sought) {
    if (forwarder == sought) {
      return true;
    }
    if (laterForwarders != null) {
      for (Forwarder one : laterForwarders) {
        if (one == sought) {
          return true;
        }
      }
    }
    return false;
  }
}
