package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.mesh.MeshTiming;
import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.testkit.DerpTestClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// Regions of two and three relays over real sockets, and what can befall them.
@Timeout(180)
class DerpRelayMeshTest {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);

  @Test
  void clientsOnDifferentNodesTalkBothWays() throws IOException {
    try (TestRegion region = new TestRegion(3);
        DerpTestClient alice = region.node(0).connect();
        DerpTestClient bob = region.node(1).connect();
        DerpTestClient carol = region.node(2).connect()) {
      TestRegion.talk(alice, bob);
      TestRegion.talk(bob, alice);
      TestRegion.talk(carol, alice);
      TestRegion.talk(bob, carol);
    }
  }

  @Test
  void aBurstForAnotherNodeArrivesInOrderAndIsCounted() throws IOException {
    try (TestRegion region = new TestRegion(2);
        DerpTestClient alice = region.node(0).connect();
        DerpTestClient bob = region.node(1).connect()) {
      region.awaitKnown(0, bob.publicKey(), true);
      Frame[] burst = new Frame[300];
      for (int i = 0; i < burst.length; i++) {
        byte[] payload = new byte[i * 7 % 1300];
        if (payload.length > 1) {
          payload[0] = (byte) i;
        }
        burst[i] = new Frame.SendPacket(bob.publicKey(), payload);
      }
      alice.write(burst);
      for (Frame sent : burst) {
        Frame.RecvPacket packet = bob.expect(Frame.RecvPacket.class);
        assertThat(packet.source()).isEqualTo(alice.publicKey());
        assertThat(packet.payload()).isEqualTo(((Frame.SendPacket) sent).payload());
      }
      DerpRelay from = region.node(0).relay;
      DerpRelay to = region.node(1).relay;
      eventually(
          () -> {
            assertThat(from.metrics().value(Metric.DERP_PACKETS_FORWARDED_OUT)).isEqualTo(300);
            assertThat(to.metrics().value(Metric.DERP_PACKETS_FORWARDED_IN)).isEqualTo(300);
          });
      assertThat(from.metrics().value(Metric.DERP_PACKETS_SENT)).isZero();
      assertThat(connected(from).packetsOut()).isEqualTo(300);
      assertThat(connected(to).packetsIn()).isEqualTo(300);
      assertThat(connected(to).bytesIn()).isEqualTo(connected(from).bytesOut());
    }
  }

  @Test
  void aNodeThatIsKilledTakesItsClientsAlongAndBringsThemBackWhenItRuns() throws IOException {
    try (TestRegion region = new TestRegion(3);
        DerpTestClient alice = region.node(0).connect()) {
      NodePrivateKey bobsKey = NodePrivateKey.generate();
      DerpTestClient bob = region.node(1).connect(bobsKey);
      TestRegion.talk(bob, alice);
      // A packet can be ahead of the news of its sender.
      region.awaitKnown(0, bob.publicKey(), true);
      region.node(1).kill();
      assertThat(alice.skipTo(Frame.PeerGone.class, Eventually.LIMIT))
          .isEqualTo(new Frame.PeerGone(bob.publicKey(), PeerGoneReason.DISCONNECTED));
      bob.close();
      region.awaitKnown(0, bob.publicKey(), false);
      region.awaitKnown(2, bob.publicKey(), false);
      region.awaitMesh();

      region.node(1).start();
      region.awaitMesh();
      try (DerpTestClient again = region.node(1).connect(bobsKey)) {
        TestRegion.talk(alice, again);
        TestRegion.talk(again, alice);
      }
    }
  }

  @Test
  void aCutBetweenNodesHealsByItself() throws IOException {
    try (TestRegion region = new TestRegion(2);
        DerpTestClient alice = region.node(0).connect();
        DerpTestClient bob = region.node(1).connect()) {
      TestRegion.talk(alice, bob);
      region.node(1).proxy.refuse();
      region.node(1).proxy.cut();
      region.awaitKnown(0, bob.publicKey(), false);
      assertThat(region.node(0).relay.neighbours())
          .anySatisfy(
              one -> {
                assertThat(one.lastError()).isPresent();
                assertThat(one.state()).isNotEqualTo(NeighbourStatus.State.CONNECTED);
              });
      region.node(1).proxy.heal();
      region.awaitMesh();
      TestRegion.talk(alice, bob);
      assertThat(connected(region.node(0).relay).reconnects()).isEqualTo(1);
    }
  }

  @Test
  void aNeighbourThatFallsSilentIsDead() throws IOException {
    MeshTiming impatient =
        new MeshTiming(
            Duration.ofMillis(50),
            Duration.ofMillis(400),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30));
    try (TestRegion region = new TestRegion(2, impatient);
        DerpTestClient bob = region.node(1).connect()) {
      region.node(1).proxy.swallow();
      eventually(
          () ->
              assertThat(region.node(0).relay.neighbours())
                  .anySatisfy(
                      one -> assertThat(one.lastError().orElse("")).contains("no frame for")));
    }
  }

  @Test
  void aClientThatMovesIsFoundWhereItIs() throws IOException {
    try (TestRegion region = new TestRegion(3);
        DerpTestClient alice = region.node(0).connect()) {
      NodePrivateKey key = NodePrivateKey.generate();
      for (int move = 0; move < 6; move++) {
        try (DerpTestClient bob = region.node(move % 3).connect(key)) {
          TestRegion.talk(alice, bob);
          TestRegion.talk(bob, alice);
        }
      }
    }
  }

  @Test
  void aClientOnTwoNodesGetsPacketsUntilTheLastConnectionGoesAndOnlyThenIsGone()
      throws IOException {
    try (TestRegion region = new TestRegion(3);
        DerpTestClient alice = region.node(0).connect()) {
      NodePrivateKey key = NodePrivateKey.generate();
      DerpTestClient first = region.node(1).connect(key);
      TestRegion.talk(first, alice);
      // Else the second may be known there before the first, and would get the packets.
      region.awaitKnown(0, key.publicKey(), true);
      DerpTestClient second = region.node(2).connect(key);
      eventually(
          () ->
              assertThat(region.node(0).relay.registry().region().multiForwardersCreated())
                  .isPositive());
      TestRegion.talk(alice, first);
      first.close();
      TestRegion.talk(alice, second);
      second.close();
      assertThat(alice.skipTo(Frame.PeerGone.class, Eventually.LIMIT).peer())
          .isEqualTo(key.publicKey());
    }
  }

  @Test
  void whoeverIsConnectedHereGetsItsPacketsHere() throws IOException {
    try (TestRegion region = new TestRegion(2);
        DerpTestClient alice = region.node(0).connect()) {
      NodePrivateKey key = NodePrivateKey.generate();
      try (DerpTestClient there = region.node(1).connect(key)) {
        TestRegion.talk(alice, there);
        try (DerpTestClient here = region.node(0).connect(key)) {
          alice.send(key.publicKey(), HELLO);
          assertThat(here.skipTo(Frame.RecvPacket.class, Eventually.LIMIT).payload())
              .isEqualTo(HELLO);
        }
        TestRegion.talk(alice, there);
      }
    }
  }

  @Test
  void aForwardedPacketIsNotForwardedAgain() throws IOException {
    try (TestRegion region = new TestRegion(2);
        DerpTestClient bob = region.node(1).connect();
        DerpTestClient peer =
            DerpTestClient.connect(
                region.node(0).relay.derpAddress(),
                new dev.derp4j.testkit.DerpTestOptions()
                    .meshKey(TestRegion.KEY)
                    .waitLimit(Eventually.LIMIT))) {
      region.awaitKnown(0, bob.publicKey(), true);
      peer.forward(peer.publicKey(), bob.publicKey(), HELLO);
      eventually(
          () ->
              assertThat(
                      region
                          .node(0)
                          .relay
                          .metrics()
                          .dropped(DropReason.UNKNOWN_DEST_ON_FWD, PacketKind.OTHER))
                  .isEqualTo(1));
      bob.expectNothing(Duration.ofMillis(50));
    }
  }

  @Test
  void aNeighbourThatTakesNothingCostsBoundedMemoryAndThenItsConnection() throws IOException {
    MeshTiming impatient =
        new MeshTiming(
            Duration.ofMillis(50),
            Duration.ofMinutes(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30));
    try (TestRegion region = new TestRegion(2, impatient);
        DerpTestClient alice = region.node(0).connect();
        DerpTestClient eve = region.node(0).connect();
        DerpTestClient bob = region.node(1).connect()) {
      region.awaitKnown(0, bob.publicKey(), true);
      region.node(1).proxy.hold();
      byte[] payload = new byte[8_000];
      DerpRelay relay = region.node(0).relay;
      eventually(
          () -> {
            for (int i = 0; i < 200; i++) {
              alice.send(bob.publicKey(), payload);
            }
            assertThat(queueDrops(relay)).isPositive();
          });
      // Others on the same node do not notice.
      TestRegion.talk(alice, eve);
      eventually(
          () ->
              assertThat(relay.neighbours())
                  .anySatisfy(
                      one -> assertThat(one.lastError().orElse("")).contains("write timeout")));
      region.node(1).proxy.heal();
      region.awaitMesh();
      TestRegion.talk(alice, bob);
    }
  }

  @Test
  void aRelayWithItselfInItsListSaysSoOnceAndStopsDiallingItself() throws IOException {
    try (TestRegion region = new TestRegion(1)) {
      assertThat(region.node(0).relay.neighbours())
          .singleElement()
          .satisfies(
              one -> {
                assertThat(one.state()).isEqualTo(NeighbourStatus.State.SELF);
                assertThat(one.keys()).isZero();
              });
      eventually(() -> assertThat(region.node(0).relay.registry().census().keys()).isZero());
    }
  }

  private static NeighbourStatus connected(DerpRelay relay) {
    return relay.neighbours().stream()
        .filter(one -> one.state() == NeighbourStatus.State.CONNECTED)
        .findFirst()
        .orElseThrow();
  }

  private static long queueDrops(DerpRelay relay) {
    return relay.neighbours().stream().mapToLong(one -> one.dropped().queueFull()).sum();
  }
}
