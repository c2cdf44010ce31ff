package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.mesh.MeshConfig;
import dev.derp4j.mesh.MeshTarget;
import dev.derp4j.mesh.MeshTiming;
import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.reload.Source;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.DerpTestOptions;
import dev.derp4j.testkit.FaultProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// Several relays in one process that mesh with each other, each dialling the others through a
/// proxy that can make the network bad. Relays can be killed and started again.
final class TestRegion implements AutoCloseable {
  static final MeshKey KEY = MeshKey.parse("5".repeat(64));

  /// As in earnest, but not so slow.
  static final MeshTiming FAST =
      new MeshTiming(
          Duration.ofMillis(50),
          Duration.ofMinutes(2),
          Duration.ofSeconds(5),
          Duration.ofMillis(50));

  private final MeshTiming timing;
  private final List<Node> nodes = new ArrayList<>();

  TestRegion(int size) throws IOException {
    this(size, FAST);
  }

  TestRegion(int size, MeshTiming timing) throws IOException {
    this.timing = timing;
    for (int i = 0; i < size; i++) {
      nodes.add(new Node(i));
    }
    for (Node node : nodes) {
      node.start();
    }
    awaitMesh();
  }

  Node node(int number) {
    return nodes.get(number);
  }

  /// Returns once every relay that runs is connected to every other.
  void awaitMesh() {
    eventually(
        () -> {
          for (Node node : nodes) {
            if (node.relay != null) {
              assertThat(node.relay.neighbours())
                  .filteredOn(one -> one.state() == NeighbourStatus.State.CONNECTED)
                  .hasSize(running() - 1);
              assertThat(node.relay.neighbours())
                  .filteredOn(one -> one.state() == NeighbourStatus.State.SELF)
                  .hasSize(1);
            }
          }
        });
  }

  private int running() {
    return (int) nodes.stream().filter(node -> node.relay != null).count();
  }

  /// Returns once the relay knows the key of another node, or knows it not.
  void awaitKnown(int node, NodePublicKey key, boolean known) {
    eventually(() -> assertThat(node(node).relay.registry().find(key) != null).isEqualTo(known));
  }

  /// Sends until it arrives: what comes on the way is lost, as packets are.
  static void talk(DerpTestClient from, DerpTestClient to) {
    byte[] payload = ("to " + to.publicKey()).getBytes(StandardCharsets.UTF_8);
    eventually(
        () -> {
          from.send(to.publicKey(), payload);
          Frame.RecvPacket packet = to.skipTo(Frame.RecvPacket.class, Duration.ofMillis(200));
          assertThat(packet.source()).isEqualTo(from.publicKey());
          assertThat(packet.payload()).isEqualTo(payload);
        });
  }

  @Override
  public void close() {
    nodes.forEach(Node::close);
  }

  /// One relay of the region, on a port that stays the same.
  final class Node implements AutoCloseable {
    final int number;
    private final InetSocketAddress address;
    private final NodePrivateKey key = NodePrivateKey.generate();

    /// By which the others come here.
    final FaultProxy proxy;

    DerpRelay relay;

    private Node(int number) throws IOException {
      this.number = number;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        this.address = (InetSocketAddress) free.getLocalSocketAddress();
      }
      this.proxy = FaultProxy.to(address);
    }

    void start() {
      List<MeshTarget> targets =
          IntStream.range(0, nodes.size())
              .mapToObj(
                  i ->
                      MeshTarget.parse(
                          "http://127.0.0.1:" + nodes.get(i).proxy.address().getPort()))
              .toList();
      RelayConfig config =
          RelayConfig.builder(key)
              .listen(address)
              .stun(false)
              .eventLoops(2)
              .mesh(new MeshConfig(Source.fixed(List.of(KEY)), Source.fixed(targets), timing))
              .build();
      eventually(() -> relay = DerpRelay.start(config));
    }

    void kill() {
      relay.close();
      relay = null;
    }

    DerpTestClient connect() throws IOException {
      return DerpTestClient.connect(address, new DerpTestOptions().waitLimit(Eventually.LIMIT));
    }

    DerpTestClient connect(NodePrivateKey clientKey) throws IOException {
      return DerpTestClient.connect(
          address, new DerpTestOptions().key(clientKey).waitLimit(Eventually.LIMIT));
    }

    @Override
    public void close() {
      if (relay != null) {
        kill();
      }
      try {
        proxy.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
