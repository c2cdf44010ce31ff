package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.TestKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Where packets go, what they look like when they arrive, and what becomes of those that cannot.
class PacketRelayTest {
  private static final int SENDER = 1;

  @AutoClose private final CapturedLog log = new CapturedLog();

  @AutoClose
  private final TestRelay relay =
      new TestRelay(TestRelay.Options.DEFAULT.withVerboseDrops(TestKeys.key(77)));

  private final TestClient sender = relay.client(SENDER);

  // Delivery

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 61, 62, 63, 1_280, 65_535, 65_536})
  void aPacketOfAnySizeArrivesAsItWasSentFromWhoSentIt(int length) {
    TestClient receiver = relay.client(2);
    byte[] payload = Payloads.data(length, length);
    sender.send(to(2, payload));
    assertThat(receiver.received()).containsExactly(new Frame.RecvPacket(sender.key(), payload));
    assertThat(sender.received()).isEmpty();
  }

  @Test
  void aClientCanSendToItself() {
    sender.send(to(SENDER, Payloads.data(1, 100)), to(SENDER, Payloads.disco(2, 100)));
    assertThat(sender.received())
        .containsExactly(
            new Frame.RecvPacket(sender.key(), Payloads.data(1, 100)),
            new Frame.RecvPacket(sender.key(), Payloads.disco(2, 100)));
    assertThat(relay.dropped()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void packetsForSeveralDestinationsArriveCompleteAndInOrderAtEach(long seed) {
    Random random = new Random(seed);
    List<TestClient> receivers = List.of(relay.client(2), relay.client(3), relay.client(4));
    List<List<Frame>> expected = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<Frame> sent = new ArrayList<>();
    int to = 0;
    for (int i = 0; i < 500; i++) {
      // Runs of some length, now and then broken by another destination or the other lane.
      if (random.nextInt(3) == 0) {
        to = random.nextInt(receivers.size());
      }
      int length = 62 + random.nextInt(60);
      byte[] payload =
          random.nextInt(5) == 0 ? Payloads.disco(i, length) : Payloads.data(i, length);
      sent.add(to(2 + to, payload));
      expected.get(to).add(new Frame.RecvPacket(sender.key(), payload));
    }
    sender.send(sent.toArray(new Frame[0]));
    for (int i = 0; i < receivers.size(); i++) {
      assertThat(receivers.get(i).received()).isEqualTo(expected.get(i));
    }
    assertThat(relay.counted(Metric.DERP_PACKETS_RECEIVED)).isEqualTo(500);
    assertThat(relay.counted(Metric.DERP_PACKETS_SENT)).isEqualTo(500);
    assertThat(relay.dropped()).isZero();
  }

  @Test
  void destinationsThatDifferInOneBitAreToldApart() {
    NodePublicKey base = TestKeys.key(2);
    List<NodePublicKey> keys = new ArrayList<>(List.of(base));
    for (int bit = 0; bit < 256; bit += 51) {
      byte[] other = base.toBytes();
      other[bit / 8] ^= (byte) (1 << (bit % 8));
      keys.add(NodePublicKey.of(other));
    }
    List<TestClient> receivers = new ArrayList<>();
    List<Frame> sent = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      receivers.add(relay.client(new RelaySession.Identity(keys.get(i), false, false, false, "")));
    }
    for (int i = 0; i < keys.size(); i++) {
      sent.add(new Frame.SendPacket(base, Payloads.data(100 + i, 20)));
      sent.add(new Frame.SendPacket(keys.get(i), Payloads.data(i, 20)));
    }
    sender.send(sent.toArray(new Frame[0]));
    assertThat(receivers.getFirst().receivedPackets()).hasSize(keys.size() + 1);
    for (int i = 1; i < keys.size(); i++) {
      assertThat(receivers.get(i).received())
          .containsExactly(new Frame.RecvPacket(sender.key(), Payloads.data(i, 20)));
    }
  }

  @Test
  void severalSendersOfOneBurstEachKeepTheirNameAndOrder() {
    TestClient receiver = relay.client(2);
    TestClient other = relay.client(3);
    for (int i = 0; i < 20; i++) {
      sender.sendLater(to(2, Payloads.data(i, 50)));
      other.sendLater(to(2, Payloads.data(i, 50)));
    }
    relay.run();
    List<Frame.RecvPacket> received = receiver.receivedPackets();
    for (TestClient from : List.of(sender, other)) {
      assertThat(received)
          .filteredOn(packet -> packet.source().equals(from.key()))
          .extracting(packet -> Payloads.number(packet.payload()))
          .isSorted()
          .hasSize(20);
    }
  }

  @Test
  void whatComesInOneBurstGoesOutInOneSystemCallPerDestination() {
    TestClient first = relay.client(2);
    TestClient second = relay.client(3);
    TestClient otherSender = relay.client(4);
    first.channel.systemCalls();
    second.channel.systemCalls();
    for (int i = 0; i < 10; i++) {
      sender.sendLater(to(2, new byte[10]), to(3, new byte[10]), to(2, new byte[10]));
      otherSender.sendLater(to(2, new byte[10]));
    }
    relay.run();
    assertThat(first.receivedPackets()).hasSize(30);
    assertThat(second.receivedPackets()).hasSize(10);
    assertThat(first.channel.systemCalls()).isEqualTo(1);
    assertThat(second.channel.systemCalls()).isEqualTo(1);
  }

  @Test
  void receivedPacketsAreCountedByKindWithTheirPayloadBytes() {
    relay.client(2);
    sender.send(
        to(2, Payloads.data(1, 61)),
        to(2, Payloads.disco(2, 62)),
        to(2, Payloads.disco(3, 100)),
        to(9, Payloads.data(4, 1_000)));
    assertThat(relay.counted(Metric.DERP_PACKETS_RECEIVED)).isEqualTo(4);
    assertThat(relay.counted(Metric.DERP_BYTES_RECEIVED)).isEqualTo(61 + 62 + 100 + 1_000);
    assertThat(relay.metrics.value(Metric.DERP_PACKETS_RECEIVED_KIND, "disco")).isEqualTo(2);
    assertThat(relay.metrics.value(Metric.DERP_PACKETS_RECEIVED_KIND, "other")).isEqualTo(2);
    assertThat(relay.counted(Metric.DERP_PACKETS_SENT)).isEqualTo(3);
    assertThat(relay.counted(Metric.DERP_BYTES_SENT)).isEqualTo(61 + 62 + 100);
  }

  @Test
  void aDestinationThatReconnectsGetsItsPacketsOverTheNewConnection() {
    TestClient before = relay.client(2);
    sender.send(to(2, new byte[1]));
    relay.does(before.channel::hangUp);
    sender.send(to(2, new byte[2]));
    TestClient after = relay.client(2);
    sender.send(to(2, new byte[3]));
    assertThat(after.received()).containsExactly(new Frame.RecvPacket(sender.key(), new byte[3]));
    assertThat(relay.dropped(DropReason.UNKNOWN_DEST, PacketKind.OTHER)).isEqualTo(1);
  }

  // Forwarded by a mesh peer

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 61, 62, 1_280, 65_536})
  void aForwardedPacketArrivesAsOneOfItsFirstSender(int length) {
    TestClient mesh = relay.meshPeer(5);
    TestClient receiver = relay.client(2);
    byte[] payload = Payloads.data(length, length);
    mesh.send(forwarded(100, 2, payload), forwarded(101, 2, payload));
    assertThat(receiver.received())
        .containsExactly(
            new Frame.RecvPacket(TestKeys.key(100), payload),
            new Frame.RecvPacket(TestKeys.key(101), payload));
    assertThat(relay.counted(Metric.DERP_PACKETS_FORWARDED_IN)).isEqualTo(2);
    assertThat(relay.counted(Metric.DERP_PACKETS_RECEIVED)).isZero();
    assertThat(relay.counted(Metric.DERP_PACKETS_SENT)).isEqualTo(2);
  }

  @Test
  void forwardedAndOwnPacketsOfAMeshPeerMixFreely() {
    TestClient mesh = relay.meshPeer(5);
    TestClient receiver = relay.client(2);
    mesh.send(
        to(2, Payloads.data(1, 70)),
        forwarded(100, 2, Payloads.data(2, 70)),
        to(2, Payloads.data(3, 70)),
        forwarded(100, 9, Payloads.data(4, 70)),
        forwarded(101, 2, Payloads.disco(5, 70)));
    assertThat(receiver.received())
        .containsExactly(
            new Frame.RecvPacket(mesh.key(), Payloads.data(1, 70)),
            new Frame.RecvPacket(TestKeys.key(100), Payloads.data(2, 70)),
            new Frame.RecvPacket(mesh.key(), Payloads.data(3, 70)),
            new Frame.RecvPacket(TestKeys.key(101), Payloads.disco(5, 70)));
  }

  @Test
  void aForwardedPacketWithoutADestinationEndsHere() {
    TestClient mesh = relay.meshPeer(5);
    mesh.send(forwarded(100, 9, Payloads.data(1, 70)), forwarded(100, 9, Payloads.disco(2, 80)));
    assertThat(relay.dropped(DropReason.UNKNOWN_DEST_ON_FWD, PacketKind.OTHER)).isEqualTo(1);
    assertThat(relay.dropped(DropReason.UNKNOWN_DEST_ON_FWD, PacketKind.DISCO)).isEqualTo(1);
    assertThat(relay.dropped()).isEqualTo(2);
    assertThat(relay.counted(Metric.DERP_BYTES_DROPPED)).isEqualTo(150);
    assertThat(mesh.received())
        .containsExactly(new Frame.PeerGone(TestKeys.key(9), PeerGoneReason.NOT_HERE));
  }

  // Unknown destinations

  @Test
  void packetsForNobodyAreCountedByKind() {
    sender.send(
        to(9, Payloads.data(1, 10)),
        to(9, Payloads.data(2, 20)),
        to(9, Payloads.disco(3, 100)),
        to(10, Payloads.data(4, 40)));
    assertThat(relay.dropped(DropReason.UNKNOWN_DEST, PacketKind.OTHER)).isEqualTo(3);
    assertThat(relay.dropped(DropReason.UNKNOWN_DEST, PacketKind.DISCO)).isEqualTo(1);
    assertThat(relay.dropped()).isEqualTo(4);
    assertThat(relay.counted(Metric.DERP_BYTES_DROPPED)).isEqualTo(170);
    assertThat(relay.metrics.expose())
        .contains("derp_packets_dropped{reason=\"unknown_dest\",kind=\"other\"} 3\n")
        .contains("derp_packets_dropped{reason=\"unknown_dest\",kind=\"disco\"} 1\n");
    assertThat(relay.buffersInUse()).isZero();
  }

  @Test
  void onlyAPathDiscoveryPacketIsAnsweredWithNotHere() {
    sender.send(to(9, Payloads.data(1, 100)), to(9, cut(Payloads.disco(2, 62), 61)));
    assertThat(sender.received()).isEmpty();
    sender.send(to(9, Payloads.disco(3, 62)));
    assertThat(sender.received()).containsExactly(notHere(9));
    assertThat(relay.counted(Metric.DERP_PEER_GONE_NOT_HERE_FRAMES)).isEqualTo(1);
    assertThat(relay.counted(Metric.DERP_PEER_GONE_DISCONNECTED_FRAMES)).isZero();
  }

  @Test
  void threeAtOnceAreToldThatTheyAreNotHereThenOneASecond() {
    List<Frame> probes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      probes.add(to(100 + i, Payloads.disco(i, 62)));
    }
    Frame[] all = probes.toArray(new Frame[0]);
    sender.send(all);
    assertThat(sender.received()).containsExactly(notHere(100), notHere(101), notHere(102));

    relay.pass(Duration.ofMillis(999));
    sender.send(all);
    assertThat(sender.received()).isEmpty();
    relay.pass(Duration.ofMillis(1));
    sender.send(all);
    assertThat(sender.received()).containsExactly(notHere(100));
    relay.pass(Duration.ofMillis(2_500));
    sender.send(all);
    assertThat(sender.received()).containsExactly(notHere(100), notHere(101));

    // However long it kept silent, no more than three.
    relay.pass(Duration.ofSeconds(50));
    sender.send(all);
    assertThat(sender.received()).containsExactly(notHere(100), notHere(101), notHere(102));
    assertThat(relay.dropped(DropReason.UNKNOWN_DEST, PacketKind.DISCO)).isEqualTo(50);
  }

  @Test
  void oneConnectionsProbesDoNotUseUpAnothersAnswers() {
    TestClient other = relay.client(3);
    for (int i = 0; i < 5; i++) {
      sender.send(to(9, Payloads.disco(i, 62)));
    }
    other.send(to(9, Payloads.disco(9, 62)));
    assertThat(sender.received()).hasSize(3);
    assertThat(other.received()).containsExactly(notHere(9));
  }

  @Test
  void dropsForAWatchedDestinationAreLogged() {
    sender.send(to(76, new byte[1]), to(77, new byte[1]));
    assertThat(log.lines())
        .containsExactly(
            "drop ("
                + sender.key().shortText()
                + ") unknown_dest -> "
                + TestKeys.key(77).shortText());
  }

  // Peers that leave

  @Test
  void whoReceivedPacketsHearsOnceThatTheirSenderLeft() {
    TestClient receiver = relay.client(2);
    TestClient stranger = relay.client(3);
    sender.send(to(2, new byte[1]), to(2, new byte[2]));
    receiver.send(to(SENDER, new byte[3]));
    receiver.received();

    relay.does(sender.channel::hangUp);
    assertThat(receiver.received())
        .containsExactly(new Frame.PeerGone(TestKeys.key(SENDER), PeerGoneReason.DISCONNECTED));
    assertThat(stranger.received()).isEmpty();
    assertThat(relay.counted(Metric.DERP_PEER_GONE_DISCONNECTED_FRAMES)).isEqualTo(1);

    TestClient again = relay.client(SENDER);
    again.send(to(2, new byte[4]));
    relay.does(again.channel::hangUp);
    assertThat(receiver.received())
        .containsExactly(new Frame.RecvPacket(TestKeys.key(SENDER), new byte[4]));
  }

  @Test
  void aReceiverThatReconnectsHearsOfTheSenderAnew() {
    TestClient receiver = relay.client(2);
    sender.send(to(2, new byte[1]));
    relay.does(receiver.channel::hangUp);
    TestClient again = relay.client(2);
    relay.does(sender.channel::hangUp);
    assertThat(again.received()).isEmpty();
  }

  @Test
  void manySendersAreEachRemembered() {
    TestClient receiver = relay.client(2);
    List<TestClient> senders = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 20; i++) {
        if (round == 0) {
          senders.add(relay.client(100 + i));
        }
        senders.get(i).send(to(2, new byte[1]));
      }
    }
    receiver.received();
    assertThat(relay.registry.census().awaitedSources()).isEqualTo(20);
    List<Frame> expected = new ArrayList<>();
    for (TestClient from : senders) {
      relay.does(from.channel::hangUp);
      expected.add(new Frame.PeerGone(from.key(), PeerGoneReason.DISCONNECTED));
    }
    assertThat(receiver.received()).isEqualTo(expected);
  }

  private static Frame to(int destination, byte[] payload) {
    return new Frame.SendPacket(TestKeys.key(destination), payload);
  }

  private static Frame forwarded(int source, int destination, byte[] payload) {
    return new Frame.ForwardPacket(TestKeys.key(source), TestKeys.key(destination), payload);
  }

  private static Frame notHere(int key) {
    return new Frame.PeerGone(TestKeys.key(key), PeerGoneReason.NOT_HERE);
  }

  private static byte[] cut(byte[] bytes, int length) {
    return Arrays.copyOf(bytes, length);
  }
}
