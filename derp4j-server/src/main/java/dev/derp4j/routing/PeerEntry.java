package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What the registry knows of one key: its connections here, and the other nodes that have it.
///
/// Written under the registry's lock alone; the volatile fields are read from any thread without
/// it. An entry that left the table never returns to it: [#isRetired] tells a caller that kept one
/// to look the key up again.
///
/// A region may have a million keys, nearly all of them connected to one other node and to no more:
/// for those this object and a slot in the table are all there is. The key's words lie in the entry
/// itself, since a key of its own would be one more line of memory that every lookup waits for.
public final class PeerEntry {
  private static final int RETIRED = -1;

  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;
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
    this.word0 = key.word0();
    this.word1 = key.word1();
    this.word2 = key.word2();
    this.word3 = key.word3();
  }

  /// The key, as a new object.
  public NodePublicKey key() {
    return NodePublicKey.ofWords(word0, word1, word2, word3);
  }

  /// Whether the 32 bytes at `index` are the key. Allocates nothing, moves no index.
  public boolean matches(ByteBuf buffer, int index) {
    return hasKey(
        buffer.getLong(index),
        buffer.getLong(index + 8),
        buffer.getLong(index + 16),
        buffer.getLong(index + 24));
  }

  /// Whether these are the words of the key.
  boolean hasKey(long first, long second, long third, long fourth) {
    return word0 == first && word1 == second && word2 == third && word3 == fourth;
  }

  /// [NodePublicKey#hash] of the key.
  int keyHash() {
    return NodePublicKey.hash(word0, word1, word2, word3);
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
