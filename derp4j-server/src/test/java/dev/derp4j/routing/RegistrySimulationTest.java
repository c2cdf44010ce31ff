package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Random lives of many connections, and after each event the question whether the registry still
/// agrees with plain sets of what happened.
class RegistrySimulationTest {
  private static final int KEYS = 40;
  private static final int STEPS = 8_000;

  private Random random;
  private Registry registry;
  private DuplicatePolicy policy;

  private final Map<NodePublicKey, List<FakePeer>> connected = new HashMap<>();
  private final List<FakePeer> everyone = new ArrayList<>();
  private final Map<FakePeer, Set<NodePublicKey>> awaits = new HashMap<>();
  private final Map<FakePeer, List<NodePublicKey>> expectedGone = new HashMap<>();
  private final List<Follower> followers = new ArrayList<>();
  private long foundTaken;

  @ParameterizedTest
  @CsvSource({
    "1, LAST_WRITER_ACTIVE", "2, LAST_WRITER_ACTIVE", "3, LAST_WRITER_ACTIVE",
    "4, DISABLE_FIGHTERS", "5, DISABLE_FIGHTERS", "6, DISABLE_FIGHTERS"
  })
  void allNumbersAddUpAfterEveryEvent(long seed, DuplicatePolicy policy) {
    this.random = new Random(seed);
    this.policy = policy;
    registry = new Registry(policy);
    for (int step = 0; step < STEPS; step++) {
      int act = random.nextInt(100);
      // In turns more come than go, and more go than come.
      boolean filling = (step / 1_000) % 2 == 0;
      if (act < (filling ? 40 : 15) || everyone.isEmpty()) {
        connect();
      } else if (act < 55) {
        disconnect(any());
      } else if (act < 75) {
        speak(any());
      } else if (act < 95) {
        receive(any(), TestKeys.key(random.nextInt(KEYS)));
      } else if (act < 98) {
        follow();
      } else {
        stopFollowing();
      }
      check();
    }
  }

  private FakePeer any() {
    return everyone.get(random.nextInt(everyone.size()));
  }

  private void connect() {
    FakePeer peer = new FakePeer(random.nextInt(KEYS));
    List<FakePeer> holders = connected.computeIfAbsent(peer.key(), _ -> new ArrayList<>());
    if (!holders.isEmpty()) {
      foundTaken++;
    }
    holders.add(peer);
    everyone.add(peer);
    registry.register(peer);
    assertThat(registry.find(peer.key()).active()).isSameAs(peer);
  }

  private void disconnect(FakePeer peer) {
    List<FakePeer> holders = connected.get(peer.key());
    holders.remove(peer);
    everyone.remove(peer);
    boolean left = holders.isEmpty();
    if (left) {
      connected.remove(peer.key());
    }
    registry.unregister(peer);
    Set<NodePublicKey> awaited = awaits.remove(peer);
    if (awaited != null) {
      registry.forgetReceiver(awaited, peer);
    }
    if (left) {
      awaits.forEach(
          (receiver, sources) -> {
            if (sources.remove(peer.key())) {
              expectedGone.computeIfAbsent(receiver, _ -> new ArrayList<>()).add(peer.key());
            }
          });
    }
  }

  private void speak(FakePeer peer) {
    registry.heardFromDuplicate(peer);
    if (policy == DuplicatePolicy.LAST_WRITER_ACTIVE) {
      assertThat(registry.find(peer.key()).active()).isSameAs(peer);
    }
  }

  private void receive(FakePeer receiver, NodePublicKey source) {
    // A packet can be overtaken by its sender's leaving: the source need not be there any more.
    registry.tellWhenGone(source, receiver);
    awaits.computeIfAbsent(receiver, _ -> new HashSet<>()).add(source);
  }

  private void follow() {
    Follower follower = new Follower();
    followers.add(follower);
    registry.watch(follower);
  }

  private void stopFollowing() {
    if (!followers.isEmpty()) {
      registry.unwatch(followers.remove(random.nextInt(followers.size())));
    }
  }

  private void check() {
    int shared = 0;
    int sharing = 0;
    for (int i = 0; i < KEYS; i++) {
      NodePublicKey key = TestKeys.key(i);
      List<FakePeer> holders = connected.getOrDefault(key, List.of());
      PeerEntry entry = registry.find(key);
      if (holders.isEmpty()) {
        assertThat(entry).isNull();
        continue;
      }
      assertThat(entry.isRetired()).isFalse();
      assertThat(entry.connections()).isEqualTo(holders.size());
      LocalPeer active = entry.active();
      if (active == null) {
        assertThat(policy).isEqualTo(DuplicatePolicy.DISABLE_FIGHTERS);
        assertThat(holders.size()).isGreaterThan(1);
      } else {
        assertThat(holders).contains((FakePeer) active);
      }
      if (holders.size() > 1) {
        shared++;
        sharing += holders.size();
      }
    }
    Set<NodePublicKey> awaited = new HashSet<>();
    awaits.values().forEach(awaited::addAll);
    assertThat(registry.census())
        .isEqualTo(
            new Registry.Census(
                everyone.size(),
                connected.size(),
                followers.size(),
                shared,
                sharing,
                foundTaken,
                awaited.size()));
    assertThat(new HashSet<>(registry.snapshot())).isEqualTo(new HashSet<>(everyone));
    assertThat(registry.snapshot()).hasSize(everyone.size());
    for (FakePeer peer : everyone) {
      assertThat(peer.gone).isEqualTo(expectedGone.getOrDefault(peer, List.of()));
      boolean told = !peer.duplicate.isEmpty() && peer.duplicate.getLast();
      assertThat(told).isEqualTo(connected.get(peer.key()).size() > 1);
    }
    for (Follower follower : followers) {
      assertThat(follower.present).isEqualTo(connected.keySet());
    }
  }

  /// Builds its own picture of who is there from what it hears.
  private static final class Follower implements PresenceWatcher {
    final Set<NodePublicKey> present = new HashSet<>();

    @Override
    public void flood(PeerEntry[] everyone) {
      for (PeerEntry entry : everyone) {
        present.add(entry.key());
      }
    }

    @Override
    public void presenceChanged(NodePublicKey key, LocalPeer peer) {
      if (peer == null) {
        assertThat(present.remove(key)).isTrue();
      } else {
        present.add(key);
      }
    }
  }
}
