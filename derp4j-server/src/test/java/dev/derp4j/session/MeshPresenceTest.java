package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.frame.PeerPresentFlags;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.routing.TestKeys;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// What a mesh peer that watches presence is told, over its connection.
class MeshPresenceTest {
  @AutoClose private final CapturedLog log = new CapturedLog();
  @AutoClose private final TestRelay relay = new TestRelay();

  private final TestClient watcher = relay.meshPeer(1);

  @Test
  void aWatcherFirstHearsOfEverybodyItselfIncluded() {
    TestClient first = relay.client(2);
    TestClient second = relay.client(3);
    watcher.send(new Frame.WatchConns());
    assertThat(watcher.received())
        .containsExactlyInAnyOrder(
            present(watcher, PeerPresentFlags.MESH_PEER),
            present(first, PeerPresentFlags.REGULAR),
            present(second, PeerPresentFlags.REGULAR));
  }

  @Test
  void thenItHearsWhoComesAndWhoGoes() {
    watches();
    TestClient first = relay.client(2);
    TestClient second = relay.client(3);
    relay.does(first.channel::hangUp);
    assertThat(watcher.received())
        .containsExactly(
            present(first, PeerPresentFlags.REGULAR),
            present(second, PeerPresentFlags.REGULAR),
            gone(2));
  }

  @Test
  void aKeyThatIsThereAlreadyIsPresentAgainWithEachConnectionAndGoneOnce() {
    watches();
    TestClient first = relay.client(2);
    TestClient second = relay.client(2);
    relay.does(second.channel::hangUp);
    relay.does(first.channel::hangUp);
    assertThat(watcher.received())
        .containsExactly(
            present(first, PeerPresentFlags.REGULAR),
            present(second, PeerPresentFlags.REGULAR),
            gone(2));
  }

  @Test
  void watchingAgainRepeatsTheFlood() {
    relay.client(2);
    watches();
    watcher.send(new Frame.WatchConns());
    assertThat(watcher.received()).hasSize(2);
    assertThat(relay.registry.census().watchers()).isEqualTo(1);
    relay.client(3);
    assertThat(watcher.received()).hasSize(1);
  }

  @Test
  void flagsSayWhatKindOfClientItIs() {
    watches();
    assertThat(flagsOf(false, false, false)).isEqualTo(PeerPresentFlags.REGULAR);
    assertThat(flagsOf(true, false, false)).isEqualTo(PeerPresentFlags.MESH_PEER);
    assertThat(flagsOf(false, true, false)).isEqualTo(PeerPresentFlags.PROBER);
    assertThat(flagsOf(false, false, true)).isEqualTo(PeerPresentFlags.NOT_IDEAL);
    assertThat(flagsOf(true, true, true))
        .isEqualTo(
            PeerPresentFlags.MESH_PEER | PeerPresentFlags.PROBER | PeerPresentFlags.NOT_IDEAL);
  }

  private int flagsOf(boolean mesh, boolean prober, boolean notIdeal) {
    relay.client(new RelaySession.Identity(TestKeys.key(5), mesh, prober, notIdeal, ""));
    return ((Frame.PeerPresent) watcher.received().getFirst()).flags();
  }

  @Test
  void addressAndAppNameAreThoseOfTheConnection() {
    watches();
    String longest = "0123456789abcdef0123456789 ~!\"#$";
    TestClient four =
        relay.client(
            new RelaySession.Identity(TestKeys.key(2), false, false, false, longest),
            new InetSocketAddress("203.0.113.9", 65_535));
    TestClient six =
        relay.client(
            new RelaySession.Identity(TestKeys.key(3), false, false, false, "a"),
            new InetSocketAddress("2001:db8::1:2", 1));
    assertThat(watcher.received())
        .containsExactly(
            new Frame.PeerPresent(
                four.key(),
                new InetSocketAddress("203.0.113.9", 65_535),
                PeerPresentFlags.REGULAR,
                longest),
            new Frame.PeerPresent(
                six.key(),
                new InetSocketAddress("2001:db8::1:2", 1),
                PeerPresentFlags.REGULAR,
                "a"));
  }

  @Test
  void aFloodLargerThanABatchArrivesWholeAndOnce() {
    List<TestClient> clients = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      clients.add(relay.client(10 + i));
    }
    watcher.send(new Frame.WatchConns());
    List<Frame> received = watcher.received();
    assertThat(received).hasSize(2_001).doesNotHaveDuplicates();
    assertThat(received).contains(present(clients.getFirst(), 1), present(clients.get(1_999), 1));
    assertThat(relay.counted(Metric.DERP_MESH_UPDATE_BATCH_SIZE)).isGreaterThanOrEqualTo(6);
    assertThat(relay.counted(Metric.DERP_MESH_UPDATE_LOOP_COUNT)).isEqualTo(1);
    // And it is not stuck behind it.
    TestClient late = relay.client(5_000);
    assertThat(watcher.received()).containsExactly(present(late, 1));
  }

  @Test
  void aSlowWatcherHoldsUpNobodyAndCatchesUp() {
    watches();
    relay.stuff(watcher);
    TestClient sender = relay.client(2);
    TestClient receiver = relay.client(3);
    for (int i = 0; i < 500; i++) {
      TestClient passing = relay.client(100 + i % 10);
      relay.does(passing.channel::hangUp);
    }
    TestClient staying = relay.client(105);
    sender.send(new Frame.SendPacket(receiver.key(), new byte[1]));
    assertThat(receiver.receivedPackets()).hasSize(1);

    relay.does(() -> watcher.channel.makeRoom(Long.MAX_VALUE));
    List<Frame> updates =
        watcher.received().stream().filter(f -> !(f instanceof Frame.RecvPacket)).toList();
    // Each of the thirteen keys once in its last state, and what was said of one before.
    assertThat(updates).hasSizeLessThanOrEqualTo(16).contains(present(staying, 1), gone(104));
    assertThat(updates).doesNotContain(gone(105));
  }

  @Test
  void aWatcherThatLeavesIsForgotten() {
    watches();
    relay.does(watcher.channel::hangUp);
    assertThat(relay.registry.census().watchers()).isZero();
    relay.client(2);
    assertThat(watcher.received()).isEmpty();
  }

  @Test
  void aWatcherMayLeaveWithAFloodStillWaiting() {
    for (int i = 0; i < 1_000; i++) {
      relay.client(10 + i);
    }
    relay.stuff(watcher);
    watcher.send(new Frame.WatchConns());
    relay.client(2);
    relay.does(watcher.channel::hangUp);
    assertThat(relay.registry.census().watchers()).isZero();
  }

  @Test
  void aRelayThatDialledItselfHearsNothing() {
    TestClient self =
        relay.client(
            new RelaySession.Identity(TestRelay.PRIVATE_KEY.publicKey(), true, false, false, ""));
    self.send(new Frame.WatchConns());
    relay.client(2);
    assertThat(self.received()).isEmpty();
    assertThat(self.isClosed()).isFalse();
    assertThat(relay.registry.census().watchers()).isZero();
  }

  @Test
  void closingAPeerIsLogged() {
    TestClient target = relay.client(2);
    watcher.send(new Frame.ClosePeer(target.key()), new Frame.ClosePeer(TestKeys.key(3)));
    assertThat(relay.closed(CloseReason.CLOSED_BY_MESH)).isEqualTo(1);
    String who = "derp client 192.0.2.1:10000" + watcher.key().shortText() + ": ";
    assertThat(log.lines())
        .contains(
            who + "frameClosePeer closing peer " + target.key().toHex(),
            who + "frameClosePeer failed to find peer " + TestKeys.key(3).toHex());
  }

  @Test
  void presenceAloneDoesNotKeepAStalledWatcherAlive() {
    watches();
    relay.stuff(watcher);
    for (int i = 0; i < 31; i++) {
      relay.client(100 + i);
      relay.pass(Duration.ofSeconds(1));
    }
    assertThat(watcher.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.WRITE_TIMEOUT)).isEqualTo(1);
  }

  private void watches() {
    watcher.send(new Frame.WatchConns());
    watcher.received();
  }

  private static Frame present(TestClient client, int flags) {
    return new Frame.PeerPresent(
        client.key(), client.session.remoteAddress(), flags, client.session.appName());
  }

  private static Frame gone(int key) {
    return new Frame.PeerGone(TestKeys.key(key), PeerGoneReason.DISCONNECTED);
  }
}
