package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// All connections of this relay by key, and the keys that other nodes of the region have.
///
/// A key is in the region while it has a connection here or a forwarder. Where it has both, packets
/// go to the connection; when that goes, the forwarder is in use without anybody being told.
///
/// [#find] may be called by any thread at any time; it takes no lock. Everything else takes the one
/// lock, does a bounded amount of bookkeeping and calls peers and watchers only through methods
/// that take notes ([LocalPeer], [PresenceWatcher]): there is no I/O under the lock.
public final class Registry {
  private final Object lock = new Object();
  private final DuplicatePolicy policy;

  /// Every key of the region.
  private final PeerTable table = new PeerTable();

  /// Those of them that have a connection here: what watchers hear of, found without a walk through
  /// a region of a million.
  private final PeerTable local = new PeerTable();

  private final Set<PresenceWatcher> watchers = new LinkedHashSet<>();

  /// For each source key, the connections that have received a packet from it and want to hear
  /// once when it leaves.
  private final Map<NodePublicKey, Set<LocalPeer>> awaitingGone = new HashMap<>();

  private int connections;
  private int duplicateKeys;
  private int duplicateConnections;
  private long duplicateConnectionsEver;
  private long multiForwardersCreated;
  private long multiForwardersDeleted;
  private long foreignForwarderRemovals;

  public Registry(DuplicatePolicy policy) {
    this.policy = policy;
  }

  /// The entry for the key that stands at `index` of `buf`, or null if it is not in the region. Any
  /// thread, lock-free, allocates nothing.
  public @Nullable PeerEntry find(ByteBuf buf, int index) {
    return table.find(buf, index);
  }

  /// The entry for `key`, or null if it is not in the region. Any thread, lock-free.
  public @Nullable PeerEntry find(NodePublicKey key) {
    return table.find(key);
  }

  /// Adds a connection. It becomes its key's active one; watchers hear of it, also where the key
  /// was connected already.
  public void register(LocalPeer peer) {
    synchronized (lock) {
      PeerEntry entry = table.find(peer.key());
      if (entry == null) {
        entry = new PeerEntry(peer.key());
        addFirst(entry, peer);
        table.add(entry);
      } else if (entry.connections() == 0) {
        addFirst(entry, peer);
      } else {
        addDuplicate(entry, peer);
      }
      connections++;
      for (PresenceWatcher watcher : watchers) {
        watcher.presenceChanged(peer.key(), peer);
      }
    }
  }

  private void addFirst(PeerEntry entry, LocalPeer peer) {
    entry.setActive(peer);
    entry.setConnections(1);
    local.add(entry);
  }

  private void addDuplicate(PeerEntry entry, LocalPeer peer) {
    DuplicateSet set = entry.duplicates;
    if (set == null) {
      LocalPeer earlier = entry.active();
      if (earlier == null) {
        throw new IllegalStateException("a single connection is always active: " + entry.key());
      }
      set = new DuplicateSet(policy, earlier, peer);
      entry.duplicates = set;
      duplicateKeys++;
      duplicateConnections += 2;
      earlier.duplicateChanged(true);
    } else {
      set.add(peer);
      duplicateConnections++;
    }
    duplicateConnectionsEver++;
    entry.setConnections(set.size());
    entry.setActive(set.active());
    peer.duplicateChanged(true);
  }

  /// Takes out a connection that was registered. When it was its key's last one, watchers hear that
  /// it is gone, and so does everybody who had received packets from the key, unless another node
  /// has it.
  public void unregister(LocalPeer peer) {
    synchronized (lock) {
      PeerEntry entry = local.find(peer.key());
      if (entry == null) {
        throw new IllegalStateException("not registered: " + peer.key());
      }
      connections--;
      if (entry.duplicates == null) {
        removeLast(entry);
      } else {
        removeDuplicate(entry, entry.duplicates, peer);
      }
      if (connections == 0) {
        lock.notifyAll();
      }
    }
  }

  /// Waits until nobody is connected.
  ///
  /// @param limit how long to wait at most
  public void awaitEmpty(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (lock) {
      long left = limit.toMillis();
      while (connections > 0 && left > 0) {
        lock.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      }
    }
  }

  private void removeLast(PeerEntry entry) {
    entry.setActive(null);
    entry.setConnections(0);
    local.remove(entry);
    NodePublicKey key = entry.key();
    for (PresenceWatcher watcher : watchers) {
      watcher.presenceChanged(key, null);
    }
    if (entry.forwarders() == 0) {
      leaveRegion(entry);
    }
  }

  private void leaveRegion(PeerEntry entry) {
    entry.retire();
    table.remove(entry);
    NodePublicKey key = entry.key();
    Set<LocalPeer> receivers = awaitingGone.remove(key);
    if (receivers != null) {
      for (LocalPeer receiver : receivers) {
        receiver.peerGone(key);
      }
    }
  }

  private void removeDuplicate(PeerEntry entry, DuplicateSet set, LocalPeer peer) {
    set.remove(peer);
    duplicateConnections--;
    entry.setConnections(set.size());
    if (set.size() > 1) {
      entry.setActive(set.active());
      return;
    }
    LocalPeer last = set.members().getFirst();
    entry.duplicates = null;
    duplicateKeys--;
    duplicateConnections--;
    entry.setActive(last);
    last.duplicateChanged(false);
  }

  /// Notes that a frame came from a connection which shares its key with others.
  public void heardFromDuplicate(LocalPeer peer) {
    synchronized (lock) {
      PeerEntry entry = local.find(peer.key());
      if (entry != null && entry.duplicates != null) {
        entry.duplicates.spoke(peer);
        entry.setActive(entry.duplicates.active());
      }
    }
  }

  /// Notes that another node has these keys: `forwarder` leads there. Nothing known is lost.
  ///
  /// @return for how many of them that is new
  public int addForwarder(Collection<NodePublicKey> keys, Forwarder forwarder) {
    int added = 0;
    synchronized (lock) {
      for (NodePublicKey key : keys) {
        PeerEntry entry = table.find(key);
        if (entry == null) {
          entry = new PeerEntry(key);
          entry.addForwarder(forwarder);
          table.add(entry);
          added++;
        } else if (entry.addForwarder(forwarder)) {
          added++;
          if (entry.forwarders() == 2) {
            multiForwardersCreated++;
          }
        }
      }
    }
    return added;
  }

  /// Notes that the node behind `forwarder` has these keys no more.
  ///
  /// @return for how many of them that is new
  public int removeForwarder(Collection<NodePublicKey> keys, Forwarder forwarder) {
    int removed = 0;
    synchronized (lock) {
      for (NodePublicKey key : keys) {
        PeerEntry entry = table.find(key);
        if (entry == null) {
          continue;
        }
        if (removeForwarder(entry, forwarder)) {
          removed++;
        } else if (entry.forwarders() < 2) {
          foreignForwarderRemovals++;
        }
      }
    }
    return removed;
  }

  private boolean removeForwarder(PeerEntry entry, Forwarder forwarder) {
    if (!entry.removeForwarder(forwarder)) {
      return false;
    }
    if (entry.forwarders() == 1) {
      multiForwardersDeleted++;
    } else if (entry.forwarders() == 0 && entry.connections() == 0) {
      leaveRegion(entry);
    }
    return true;
  }

  /// Begins to forget a forwarder to which no key is added any more: its mesh connection is gone.
  ///
  /// Keeping each forwarder's keys in a list would cost more memory than the keys themselves, so
  /// this looks at every key of the region, in steps between which the lock is free.
  public Forgetting forget(Forwarder forwarder) {
    return new Forgetting(forwarder);
  }

  /// The way to an end of a forwarder. For one thread.
  public final class Forgetting {
    private final Forwarder forwarder;
    private final PeerTable.Walk walk = table.walk();
    private int forgotten;

    private Forgetting(Forwarder forwarder) {
      this.forwarder = forwarder;
    }

    /// Takes the lock for a millisecond or two at most, with a million keys.
    ///
    /// @return whether there is more to do
    public boolean step() {
      synchronized (lock) {
        return walk.step(
            entry -> {
              if (!entry.isRetired() && removeForwarder(entry, forwarder)) {
                forgotten++;
              }
            });
      }
    }

    /// For how many keys the forwarder was taken out so far.
    public int forgotten() {
      return forgotten;
    }
  }

  /// Subscribes a mesh peer to presence: first the flood, then every change. Subscribing again
  /// repeats the flood.
  public void watch(PresenceWatcher watcher) {
    synchronized (lock) {
      PeerEntry[] everyone = new PeerEntry[local.size()];
      int[] next = {0};
      local.forEach(entry -> everyone[next[0]++] = entry);
      watcher.flood(everyone);
      watchers.add(watcher);
    }
  }

  /// Ends a subscription, if there is one.
  public void unwatch(PresenceWatcher watcher) {
    synchronized (lock) {
      watchers.remove(watcher);
    }
  }

  /// Has `receiver` told once, through [LocalPeer#peerGone], when `source` next leaves.
  public void tellWhenGone(NodePublicKey source, LocalPeer receiver) {
    synchronized (lock) {
      awaitingGone.computeIfAbsent(source, key -> new HashSet<>(2)).add(receiver);
    }
  }

  /// Withdraws what [#tellWhenGone] asked for each of `sources`.
  public void forgetReceiver(Collection<NodePublicKey> sources, LocalPeer receiver) {
    synchronized (lock) {
      for (NodePublicKey source : sources) {
        Set<LocalPeer> receivers = awaitingGone.get(source);
        if (receivers != null && receivers.remove(receiver) && receivers.isEmpty()) {
          awaitingGone.remove(source);
        }
      }
    }
  }

  /// Asks every connection of `key` to close.
  ///
  /// @return how many there were
  public int disconnect(NodePublicKey key) {
    synchronized (lock) {
      PeerEntry entry = local.find(key);
      if (entry == null) {
        return 0;
      }
      for (LocalPeer peer : peersOf(entry)) {
        peer.disconnect();
      }
      return entry.connections();
    }
  }

  /// All connections at this moment, in no particular order.
  public List<LocalPeer> snapshot() {
    synchronized (lock) {
      List<LocalPeer> peers = new ArrayList<>(connections);
      local.forEach(entry -> peers.addAll(peersOf(entry)));
      return peers;
    }
  }

  private static Collection<LocalPeer> peersOf(PeerEntry entry) {
    if (entry.duplicates != null) {
      return entry.duplicates.members();
    }
    LocalPeer active = entry.active();
    return active == null ? List.of() : List.of(active);
  }

  /// The registry's gauges, taken together under the lock.
  public Census census() {
    synchronized (lock) {
      return new Census(
          connections,
          local.size(),
          watchers.size(),
          duplicateKeys,
          duplicateConnections,
          duplicateConnectionsEver,
          awaitingGone.size());
    }
  }

  /// What the registry knows of the whole region, taken together under the lock.
  public Region region() {
    synchronized (lock) {
      return new Region(
          table.size(),
          table.size() - local.size(),
          multiForwardersCreated,
          multiForwardersDeleted,
          foreignForwarderRemovals);
    }
  }

  /// Looks for contradictions in what the registry holds. Takes the lock in steps, as
  /// [Forgetting#step] does.
  ///
  /// @return a line for each kind of contradiction; empty if all is well
  public List<String> inconsistencies() {
    ConsistencyCheck check = new ConsistencyCheck();
    synchronized (lock) {
      local.forEach(entry -> check.local(entry, table.find(entry.key())));
      check.connections(connections);
    }
    PeerTable.Walk walk = table.walk();
    boolean more = true;
    while (more) {
      synchronized (lock) {
        more = walk.step(entry -> check.region(entry, local.find(entry.key())));
      }
    }
    return check.reasons();
  }

  /// @param keys distinct keys that are connected anywhere in the region
  /// @param remoteKeys those of them that have no connection here
  /// @param multiForwardersCreated how often a key got a second forwarder
  /// @param multiForwardersDeleted how often a key was left with one forwarder of several
  /// @param foreignForwarderRemovals how often a node took back a key that it was not known to have
  public record Region(
      int keys,
      int remoteKeys,
      long multiForwardersCreated,
      long multiForwardersDeleted,
      long foreignForwarderRemovals) {}

  /// @param connections open connections
  /// @param keys distinct keys they hold
  /// @param watchers subscribed mesh peers
  /// @param duplicateKeys keys with two or more connections
  /// @param duplicateConnections the connections of those keys
  /// @param duplicateConnectionsEver how many connections found their key taken since the start
  /// @param awaitedSources keys whose leaving somebody waits to hear of
  public record Census(
      int connections,
      int keys,
      int watchers,
      int duplicateKeys,
      int duplicateConnections,
      long duplicateConnectionsEver,
      int awaitedSources) {}
}
