package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RegistryTest {
  private final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);

  // One connection per key

  @Test
  void aRegisteredConnectionIsFoundByItsKeyWhereverTheKeyLies() {
    FakePeer peer = registered(1);
    assertThat(registry.find(peer.key()).active()).isSameAs(peer);
    assertThat(registry.find(TestKeys.bytes(peer.key(), 37), 37).active()).isSameAs(peer);
    assertThat(registry.find(TestKeys.key(2))).isNull();
  }

  @Test
  void anEntryThatIsStillInSomeonesHandSaysThatItsKeyLeft() {
    FakePeer peer = registered(1);
    PeerEntry kept = registry.find(peer.key());
    assertThat(kept.isRetired()).isFalse();

    registry.unregister(peer);
    assertThat(kept.isRetired()).isTrue();
    assertThat(kept.active()).isNull();
    assertThat(kept.connections()).isZero();
    assertThat(registry.find(peer.key())).isNull();

    registry.register(peer);
    assertThat(registry.find(peer.key())).isNotSameAs(kept);
  }

  @Test
  void aConnectionThatIsNotRegisteredCannotBeTakenOut() {
    FakePeer stranger = new FakePeer(1);
    assertThatThrownBy(() -> registry.unregister(stranger))
        .isInstanceOf(IllegalStateException.class);
    assertThat(registry.census().connections()).isZero();
  }

  @Test
  void aSingleConnectionHearsNothingOfDuplicates() {
    FakePeer peer = registered(1);
    registry.heardFromDuplicate(peer);
    registry.unregister(peer);
    assertThat(peer.duplicate).isEmpty();
  }

  // Several connections per key

  @ParameterizedTest
  @EnumSource
  void theNewestOfSeveralConnectionsIsActive(DuplicatePolicy policy) {
    Registry registry = new Registry(policy);
    FakePeer[] peers = {new FakePeer(1), new FakePeer(1), new FakePeer(1)};
    for (FakePeer peer : peers) {
      registry.register(peer);
      assertThat(registry.find(peer.key()).active()).isSameAs(peer);
    }
    assertThat(registry.find(peers[0].key()).connections()).isEqualTo(3);
  }

  @Test
  void whoeverSpokeLastIsActive() {
    FakePeer first = registered(1);
    FakePeer second = registered(1);
    FakePeer third = registered(1);

    registry.heardFromDuplicate(first);
    assertThat(active(1)).isSameAs(first);
    registry.heardFromDuplicate(first);
    assertThat(active(1)).isSameAs(first);
    registry.heardFromDuplicate(second);
    assertThat(active(1)).isSameAs(second);
    registry.heardFromDuplicate(third);
    assertThat(active(1)).isSameAs(third);
  }

  @Test
  void whenTheActiveOneGoesTheOneThatSpokeBeforeItTakesOver() {
    FakePeer first = registered(1);
    FakePeer second = registered(1);
    FakePeer third = registered(1);
    registry.heardFromDuplicate(second);
    registry.heardFromDuplicate(third);
    registry.heardFromDuplicate(first);

    registry.unregister(first);
    assertThat(active(1)).isSameAs(third);
    registry.unregister(third);
    assertThat(active(1)).isSameAs(second);
  }

  @Test
  void whenAnInactiveOneGoesTheActiveOneStays() {
    FakePeer first = registered(1);
    FakePeer second = registered(1);
    FakePeer third = registered(1);
    registry.unregister(second);
    assertThat(active(1)).isSameAs(third);
    registry.unregister(first);
    assertThat(active(1)).isSameAs(third);
  }

  @Test
  void eachOfSeveralIsToldWhenItGetsCompanyAndWhenItIsAloneAgain() {
    FakePeer first = registered(1);
    FakePeer second = registered(1);
    FakePeer third = registered(1);
    registry.unregister(third);
    registry.unregister(first);

    assertThat(first.duplicate).containsExactly(true);
    assertThat(third.duplicate).containsExactly(true);
    assertThat(second.duplicate).containsExactly(true, false);
  }

  @ParameterizedTest
  @EnumSource
  void twoThatTakeTurnsForDaysAreRememberedOnceEach(DuplicatePolicy policy) {
    FakePeer first = new FakePeer(1);
    FakePeer second = new FakePeer(1);
    DuplicateSet set = new DuplicateSet(policy, first, second);
    for (int round = 0; round < 100_000; round++) {
      set.spoke(first);
      set.spoke(second);
    }
    assertThat(set.remembered()).isEqualTo(2);
  }

  @Test
  void twoThatTakeTurnsSwapEveryTime() {
    FakePeer first = registered(1);
    FakePeer second = registered(1);
    for (int round = 0; round < 100_000; round++) {
      registry.heardFromDuplicate(first);
      assertThat(active(1)).isSameAs(first);
      registry.heardFromDuplicate(second);
      assertThat(active(1)).isSameAs(second);
    }
  }

  @Test
  void fightersAreAllCutOffWhenOneThatSpokeSpeaksAgainAfterAnother() {
    Registry registry = new Registry(DuplicatePolicy.DISABLE_FIGHTERS);
    FakePeer first = registered(registry, 1);
    FakePeer second = registered(registry, 1);
    FakePeer third = registered(registry, 1);

    registry.heardFromDuplicate(third);
    registry.heardFromDuplicate(third);
    registry.heardFromDuplicate(second);
    assertThat(registry.find(first.key()).active()).isSameAs(third);

    registry.heardFromDuplicate(first);
    assertThat(registry.find(first.key()).active()).isNull();
    assertThat(registry.find(first.key()).connections()).isEqualTo(3);

    // Whoever speaks now does not get the packets back.
    registry.heardFromDuplicate(second);
    assertThat(registry.find(first.key()).active()).isNull();
  }

  @Test
  void aNewcomerAmongFightersGetsThePackets() {
    Registry registry = new Registry(DuplicatePolicy.DISABLE_FIGHTERS);
    FakePeer first = registered(registry, 1);
    FakePeer second = registered(registry, 1);
    registry.heardFromDuplicate(second);
    registry.heardFromDuplicate(first);
    assertThat(registry.find(first.key()).active()).isNull();

    FakePeer newcomer = registered(registry, 1);
    assertThat(registry.find(first.key()).active()).isSameAs(newcomer);
  }

  @Test
  void theLastOfTheFightersIsAnOrdinaryClientAgain() {
    Registry registry = new Registry(DuplicatePolicy.DISABLE_FIGHTERS);
    FakePeer first = registered(registry, 1);
    FakePeer second = registered(registry, 1);
    FakePeer third = registered(registry, 1);
    registry.heardFromDuplicate(second);
    registry.heardFromDuplicate(first);
    assertThat(registry.find(first.key()).active()).isNull();

    registry.unregister(third);
    assertThat(registry.find(first.key()).active()).isNull();
    registry.unregister(first);
    assertThat(registry.find(first.key()).active()).isSameAs(second);

    // And what it was before is forgotten: with a new companion the game begins anew.
    FakePeer fourth = registered(registry, 1);
    registry.heardFromDuplicate(fourth);
    assertThat(registry.find(first.key()).active()).isSameAs(fourth);
  }

  // Presence

  @Test
  void aWatcherIsFloodedWithEverybodyWhoIsConnected() {
    registered(1);
    registered(1);
    registered(2);
    RecordingWatcher watcher = watching();
    assertThat(watcher.notes).containsExactlyInAnyOrder("flood 1", "flood 2");

    registry.watch(watcher);
    assertThat(watcher.notes).hasSize(4);
    assertThat(registry.census().watchers()).isEqualTo(1);
  }

  @Test
  void aWatcherHearsOfEveryNewConnectionButOnlyOfTheLastThatGoes() {
    RecordingWatcher watcher = watching();
    FakePeer first = registered(1);
    FakePeer second = registered(1);
    registry.unregister(first);
    FakePeer third = registered(1);
    registry.unregister(third);
    registry.unregister(second);
    assertThat(watcher.notes).containsExactly("present 1", "present 1", "present 1", "gone 1");
    assertThat(watcher.present).containsExactly(first, second, third);
  }

  @Test
  void whoStoppedWatchingHearsNothing() {
    RecordingWatcher watcher = watching();
    registry.unwatch(watcher);
    registry.unregister(registered(1));
    assertThat(watcher.notes).isEmpty();
    assertThat(registry.census().watchers()).isZero();
    registry.unwatch(watcher);
  }

  // Peers that leave

  @Test
  void aReceiverHearsOnceThatASourceLeft() {
    FakePeer receiver = registered(1);
    FakePeer source = registered(2);
    registry.tellWhenGone(source.key(), receiver);
    registry.tellWhenGone(source.key(), receiver);
    assertThat(registry.census().awaitedSources()).isEqualTo(1);

    registry.unregister(source);
    assertThat(receiver.gone).containsExactly(source.key());
    assertThat(registry.census().awaitedSources()).isZero();

    registry.register(source);
    registry.unregister(source);
    assertThat(receiver.gone).hasSize(1);
  }

  @Test
  void everyReceiverOfASourceHearsOfItAndNobodyElse() {
    FakePeer[] receivers = {registered(1), registered(2), registered(3)};
    FakePeer source = registered(4);
    FakePeer other = registered(5);
    registry.tellWhenGone(source.key(), receivers[0]);
    registry.tellWhenGone(source.key(), receivers[1]);
    registry.tellWhenGone(other.key(), receivers[2]);

    registry.unregister(source);
    assertThat(receivers[0].gone).containsExactly(source.key());
    assertThat(receivers[1].gone).containsExactly(source.key());
    assertThat(receivers[2].gone).isEmpty();
  }

  @Test
  void aSourceWithAnotherConnectionHasNotLeft() {
    FakePeer receiver = registered(1);
    FakePeer source = registered(2);
    FakePeer twin = registered(2);
    registry.tellWhenGone(source.key(), receiver);
    registry.unregister(source);
    assertThat(receiver.gone).isEmpty();
    registry.unregister(twin);
    assertThat(receiver.gone).containsExactly(source.key());
  }

  @Test
  void aForgottenReceiverHearsNothingAndIsNotRemembered() {
    FakePeer receiver = registered(1);
    FakePeer other = registered(2);
    FakePeer source = registered(3);
    registry.tellWhenGone(source.key(), receiver);
    registry.tellWhenGone(source.key(), other);
    registry.tellWhenGone(TestKeys.key(4), receiver);

    registry.forgetReceiver(List.of(source.key(), TestKeys.key(4), TestKeys.key(5)), receiver);
    assertThat(registry.census().awaitedSources()).isEqualTo(1);
    registry.unregister(source);
    assertThat(receiver.gone).isEmpty();
    assertThat(other.gone).containsExactly(source.key());
  }

  // Disconnecting, counting, ending

  @Test
  void allConnectionsOfAKeyAreAskedToCloseAndNoOther() {
    FakePeer first = registered(1);
    FakePeer second = registered(1);
    FakePeer other = registered(2);
    assertThat(registry.disconnect(first.key())).isEqualTo(2);
    assertThat(registry.disconnect(TestKeys.key(3))).isZero();
    assertThat(first.disconnects).isEqualTo(1);
    assertThat(second.disconnects).isEqualTo(1);
    assertThat(other.disconnects).isZero();
  }

  @Test
  void fightersThatAreCutOffCanBeDisconnectedToo() {
    Registry registry = new Registry(DuplicatePolicy.DISABLE_FIGHTERS);
    FakePeer first = registered(registry, 1);
    FakePeer second = registered(registry, 1);
    registry.heardFromDuplicate(second);
    registry.heardFromDuplicate(first);
    assertThat(registry.disconnect(first.key())).isEqualTo(2);
    assertThat(registry.snapshot()).containsExactlyInAnyOrder(first, second);
  }

  @Test
  void theCensusCountsKeysAndConnectionsThatAreShared() {
    FakePeer lone = registered(1);
    FakePeer first = registered(2);
    FakePeer second = registered(2);
    FakePeer third = registered(2);
    assertThat(registry.census()).isEqualTo(new Registry.Census(4, 2, 0, 1, 3, 2, 0));

    registry.unregister(second);
    assertThat(registry.census()).isEqualTo(new Registry.Census(3, 2, 0, 1, 2, 2, 0));
    registry.unregister(first);
    assertThat(registry.census()).isEqualTo(new Registry.Census(2, 2, 0, 0, 0, 2, 0));
    registry.unregister(third);
    registry.unregister(lone);
    assertThat(registry.census()).isEqualTo(new Registry.Census(0, 0, 0, 0, 0, 2, 0));
  }

  @Test
  void waitingForTheLastToGoEndsWhenItGoes() throws InterruptedException {
    registry.awaitEmpty(Duration.ofDays(1));
    FakePeer first = registered(1);
    FakePeer second = registered(2);
    CountDownLatch ended = new CountDownLatch(1);
    Thread waiter =
        new Thread(
            () -> {
              try {
                registry.awaitEmpty(Duration.ofDays(1));
                ended.countDown();
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            });
    waiter.start();
    registry.unregister(first);
    assertThat(ended.getCount()).isEqualTo(1);
    registry.unregister(second);
    waiter.join();
    assertThat(ended.getCount()).isZero();
  }

  @Test
  void waitingForTheLastToGoEndsAfterItsLimit() throws InterruptedException {
    registered(1);
    registry.awaitEmpty(Duration.ofMillis(1));
    assertThat(registry.census().connections()).isEqualTo(1);
  }

  private LocalPeer active(int key) {
    return registry.find(TestKeys.key(key)).active();
  }

  private FakePeer registered(int key) {
    return registered(registry, key);
  }

  private static FakePeer registered(Registry registry, int key) {
    FakePeer peer = new FakePeer(key);
    registry.register(peer);
    return peer;
  }

  private RecordingWatcher watching() {
    RecordingWatcher watcher = new RecordingWatcher();
    registry.watch(watcher);
    return watcher;
  }

  /// Writes down what it hears, keys by their number.
  private static final class RecordingWatcher implements PresenceWatcher {
    final List<String> notes = new ArrayList<>();
    final List<LocalPeer> present = new ArrayList<>();

    @Override
    public void flood(PeerEntry[] everyone) {
      for (PeerEntry entry : everyone) {
        notes.add("flood " + number(entry.key()));
      }
    }

    @Override
    public void presenceChanged(NodePublicKey key, LocalPeer peer) {
      notes.add((peer == null ? "gone " : "present ") + number(key));
      if (peer != null) {
        present.add(peer);
      }
    }

    private static int number(NodePublicKey key) {
      int number = 0;
      while (!TestKeys.key(number).equals(key)) {
        number++;
      }
      return number;
    }
  }
}
