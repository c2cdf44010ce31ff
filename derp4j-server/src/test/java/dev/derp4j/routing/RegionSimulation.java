package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/// Several registries and what lies between them: for each pair of nodes a mesh connection, whose
/// messages wait until chance delivers some.
final class RegionSimulation {
  private static final int MOST_DELIVERED = 64;

  /// A break costs a step for each key: with more keys than this there are fewer breaks.
  private static final int OFTEN = 20_000;

  private final Random random;
  private final int keys;
  private final Node[] nodes;
  private final List<Link> links = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final ArrayDeque<Registry.Forgetting> forgettings = new ArrayDeque<>();

  private long updates;
  private long updateNanos;
  private long changes;
  private long changeNanos;
  private long cuts;
  private long longestForgetNanos;

  RegionSimulation(long seed, int nodeCount, int keys) {
    this.random = new Random(seed);
    this.keys = keys;
    this.nodes = new Node[nodeCount];
    for (int i = 0; i < nodeCount; i++) {
      nodes[i] = new Node(i);
    }
    for (Node at : nodes) {
      for (Node to : nodes) {
        if (at != to) {
          Link link = new Link(at, to);
          at.links.add(link);
          links.add(link);
          link.connect();
        }
      }
    }
  }

  /// Connects every key somewhere.
  void fill() {
    for (int key = 0; key < keys; key++) {
      join(key, nodes[random.nextInt(nodes.length)]);
      if (key % 256 == 0) {
        deliverAll();
      }
    }
  }

  /// One thing happens.
  void step() {
    int act = random.nextInt(1_000);
    if (act < 150) {
      join(random.nextInt(keys), nodes[random.nextInt(nodes.length)]);
    } else if (act < 290 && !clients.isEmpty()) {
      leave(clients.get(random.nextInt(clients.size())));
    } else if (act < 400 && !clients.isEmpty()) {
      move(clients.get(random.nextInt(clients.size())));
    } else if (act < 450 && !clients.isEmpty()) {
      receive(clients.get(random.nextInt(clients.size())), random.nextInt(keys));
    } else if (act < 452 && random.nextInt(keys) < OFTEN) {
      links.get(random.nextInt(links.size())).cut();
    } else if (act >= 452 && act < 460) {
      links.get(random.nextInt(links.size())).connect();
    } else if (act < 500) {
      forgetSome();
    } else if (act == 500 && random.nextInt(keys) < 100) {
      kill(nodes[random.nextInt(nodes.length)]);
    } else {
      links.get(random.nextInt(links.size())).deliver(1 + random.nextInt(MOST_DELIVERED));
    }
  }

  private void join(int key, Node node) {
    Client client = new Client(key, node);
    client.index = clients.size();
    clients.add(client);
    long start = System.nanoTime();
    node.registry.register(client);
    changed(start);
    node.has[key]++;
    node.connections++;
    check(node, key);
  }

  private void leave(Client client) {
    Node node = client.node;
    Client last = clients.removeLast();
    if (last != client) {
      clients.set(client.index, last);
      last.index = client.index;
    }
    node.has[client.number]--;
    node.connections--;
    long start = System.nanoTime();
    node.registry.unregister(client);
    changed(start);
    node.registry.forgetReceiver(client.awaited, client);
    check(node, client.number);
  }

  private void changed(long start) {
    changes++;
    changeNanos += System.nanoTime() - start;
  }

  /// Connects elsewhere, and leaves before or after that.
  private void move(Client client) {
    Node to = nodes[random.nextInt(nodes.length)];
    if (random.nextBoolean()) {
      leave(client);
      join(client.number, to);
    } else {
      join(client.number, to);
      leave(client);
    }
  }

  /// A packet from a key reaches a client, which from then on waits to hear of its leaving.
  private void receive(Client receiver, int source) {
    NodePublicKey key = TestKeys.key(source);
    receiver.node.registry.tellWhenGone(key, receiver);
    receiver.awaited.add(key);
  }

  /// A node dies: its mesh connections break, both ways, and its clients connect elsewhere.
  private void kill(Node node) {
    links.stream().filter(link -> link.at == node || link.to == node).forEach(Link::cut);
    for (Client client : List.copyOf(clients)) {
      if (client.node == node) {
        leave(client);
        join(client.number, nodes[random.nextInt(nodes.length)]);
      }
    }
  }

  private void forgetSome() {
    Registry.Forgetting forgetting = forgettings.poll();
    if (forgetting != null && step(forgetting)) {
      forgettings.add(forgetting);
    }
  }

  private boolean step(Registry.Forgetting forgetting) {
    long start = System.nanoTime();
    boolean more = forgetting.step();
    longestForgetNanos = Math.max(longestForgetNanos, System.nanoTime() - start);
    return more;
  }

  private void deliverAll() {
    links.forEach(link -> link.deliver(Integer.MAX_VALUE));
  }

  /// Everything comes back, all that is under way arrives, and all that is lost is forgotten.
  void settle() {
    links.forEach(Link::connect);
    deliverAll();
    while (!forgettings.isEmpty()) {
      forgetSome();
    }
  }

  /// What must hold for a key at a node whatever is under way.
  private void check(Node node, int key) {
    PeerEntry entry = node.registry.find(TestKeys.key(key));
    if (node.has[key] > 0) {
      assertThat(entry.connections()).isEqualTo(node.has[key]);
      assertThat(((Client) entry.active()).node).isSameAs(node);
    } else if (entry != null) {
      assertThat(entry.active()).isNull();
      assertThat(entry.connections()).isZero();
      assertThat(entry.forwarder()).isNotNull();
    }
    for (Link link : node.links) {
      boolean led = entry != null && entry.hasForwarder(link.forwarder);
      assertThat(led).isEqualTo(link.known.get(key));
    }
    assertThat(node.registry.census().connections()).isEqualTo(node.connections);
  }

  /// As [#check], for everybody.
  void checkUnsettled() {
    for (Node node : nodes) {
      for (int key = 0; key < keys; key++) {
        check(node, key);
      }
      assertThat(node.registry.inconsistencies()).isEmpty();
    }
  }

  /// What must hold for every key at every node once everybody has heard of everything.
  void sweep() {
    for (Node node : nodes) {
      int expected = 0;
      for (int key = 0; key < keys; key++) {
        boolean somewhere = false;
        for (Node other : nodes) {
          somewhere |= other.has[key] > 0;
        }
        PeerEntry entry = node.registry.find(TestKeys.key(key));
        assertThat(entry != null).isEqualTo(somewhere);
        expected += somewhere ? 1 : 0;
        if (entry != null && node.has[key] == 0) {
          Link used = ((SimulatedForwarder) entry.forwarder()).link;
          assertThat(used.forwarder).isSameAs(entry.forwarder());
          assertThat(used.to.has[key]).isPositive();
        }
        check(node, key);
      }
      assertThat(node.registry.region().keys()).isEqualTo(expected);
      assertThat(node.registry.inconsistencies()).isEmpty();
    }
  }

  /// Everybody leaves: nothing may stay behind.
  void empty() {
    for (Client client : List.copyOf(clients)) {
      leave(client);
    }
    settle();
    for (Node node : nodes) {
      assertThat(node.registry.region().keys()).isZero();
      assertThat(node.registry.census().awaitedSources()).isLessThanOrEqualTo(keys);
    }
  }

  String report() {
    return "%,d connections; %,d changes at %,d ns; %,d mesh updates at %,d ns; %,d cuts, %,d us held at most"
        .formatted(
            clients.size(),
            changes,
            changeNanos / Math.max(1, changes),
            updates,
            updateNanos / Math.max(1, updates),
            cuts,
            longestForgetNanos / 1_000);
  }

  private final class Node {
    final int number;
    final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
    final List<Link> links = new ArrayList<>();
    final byte[] has = new byte[keys];
    int connections;

    Node(int number) {
      this.number = number;
    }
  }

  /// A node's mesh connection to another: what that one told, in order, and not read yet.
  private final class Link implements PresenceWatcher {
    final Node at;
    final Node to;
    final BitSet known = new BitSet();
    SimulatedForwarder forwarder = new SimulatedForwarder(this);
    private boolean up;

    /// Key numbers; the complement of one that is gone.
    private final IntQueue waiting = new IntQueue();

    Link(Node at, Node to) {
      this.at = at;
      this.to = to;
    }

    void connect() {
      if (!up) {
        up = true;
        to.registry.watch(this);
      } else if (random.nextInt(Math.max(50, keys / 100)) == 0) {
        // A second WatchConns repeats the flood.
        to.registry.watch(this);
      }
    }

    void cut() {
      if (up) {
        up = false;
        cuts++;
        to.registry.unwatch(this);
        waiting.clear();
        known.clear();
        forgettings.add(at.registry.forget(forwarder));
        forwarder = new SimulatedForwarder(this);
      }
    }

    @Override
    public void flood(PeerEntry[] everyone) {
      for (PeerEntry entry : everyone) {
        waiting.add(number(entry.key()));
      }
    }

    @Override
    public void presenceChanged(NodePublicKey key, LocalPeer present) {
      waiting.add(present == null ? ~number(key) : number(key));
    }

    void deliver(int most) {
      int left = most;
      List<NodePublicKey> batch = new ArrayList<>();
      while (left > 0 && !waiting.isEmpty()) {
        batch.clear();
        boolean come = waiting.peek() >= 0;
        while (left > 0 && !waiting.isEmpty() && waiting.peek() >= 0 == come) {
          int next = waiting.poll();
          int key = come ? next : ~next;
          batch.add(TestKeys.key(key));
          known.set(key, come);
          left--;
        }
        long start = System.nanoTime();
        if (come) {
          at.registry.addForwarder(batch, forwarder);
        } else {
          at.registry.removeForwarder(batch, forwarder);
        }
        updateNanos += System.nanoTime() - start;
        updates += batch.size();
        check(at, number(batch.getLast()));
      }
    }
  }

  private static int number(NodePublicKey key) {
    return (int) (key.word3() - TestKeys.key(0).word3());
  }

  private record SimulatedForwarder(Link link) implements Forwarder {
    @Override
    public void forward(
        NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco) {
      throw new AssertionError("nothing is sent");
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /// A connection that believes no PeerGone of a key that its node still knows.
  private static final class Client implements LocalPeer {
    final int number;
    final Node node;
    final List<NodePublicKey> awaited = new ArrayList<>(0);
    private final NodePublicKey key;
    int index;

    Client(int number, Node node) {
      this.number = number;
      this.node = node;
      this.key = TestKeys.key(number);
    }

    @Override
    public NodePublicKey key() {
      return key;
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return InetSocketAddress.createUnresolved("nowhere", 1);
    }

    @Override
    public int presenceFlags() {
      return 1;
    }

    @Override
    public String appName() {
      return "";
    }

    @Override
    public void deliver(NodePublicKey source, ByteBuf run, int packets, boolean disco) {
      throw new AssertionError("nothing is sent");
    }

    @Override
    public void peerGone(NodePublicKey peer) {
      assertThat(node.registry.find(peer)).isNull();
      assertThat(awaited).contains(peer);
    }

    @Override
    public void duplicateChanged(boolean isDuplicate) {}

    @Override
    public void disconnect() {}

    @Override
    public void restart(int reconnectIn, int tryFor, long closeIn) {}
  }

  /// A queue of numbers without an object for each.
  private static final class IntQueue {
    private int[] ring = new int[16];
    private int first;
    private int size;

    void add(int number) {
      if (size == ring.length) {
        int[] larger = new int[size * 2];
        for (int i = 0; i < size; i++) {
          larger[i] = ring[(first + i) % size];
        }
        ring = larger;
        first = 0;
      }
      ring[(first + size++) % ring.length] = number;
    }

    boolean isEmpty() {
      return size == 0;
    }

    int peek() {
      return ring[first];
    }

    int poll() {
      int number = ring[first];
      first = (first + 1) % ring.length;
      size--;
      return number;
    }

    void clear() {
      ring = new int[16];
      first = 0;
      size = 0;
    }
  }
}
