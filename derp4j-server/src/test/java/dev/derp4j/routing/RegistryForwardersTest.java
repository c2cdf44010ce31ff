package dev.derp4j.routing;

import com.sun.management.ThreadMXBean;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// Keys that other nodes of the region have.
class RegistryForwardersTest {
  /// What one million lookups may allocate in all: nothing of their own, a little for measuring.
  private static final long MEASURING_BYTES = 4096;

  private final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
  private final FakeForwarder first = new FakeForwarder("first");
  private final FakeForwarder second = new FakeForwarder("second");
  private final FakeForwarder third = new FakeForwarder("third");
  private final NodePublicKey key = TestKeys.key(1);

  @Test
  void aKeyOfAnotherNodeIsFoundWithItsForwarderAndWithoutAConnection() {
    assertThat(add(first, key)).isEqualTo(1);
    PeerEntry entry = registry.find(key);
    assertThat(entry.forwarder()).isSameAs(first);
    assertThat(entry.active()).isNull();
    assertThat(entry.connections()).isZero();
    assertThat(entry.isRetired()).isFalse();
    assertThat(registry.find(TestKeys.bytes(key, 5), 5)).isSameAs(entry);
  }

  @Test
  void aForwarderIsAddedToAKeyOnce() {
    assertThat(add(first, key, key)).isEqualTo(1);
    assertThat(add(first, key)).isZero();
    assertThat(remove(first, key)).isEqualTo(1);
    assertThat(registry.find(key)).isNull();
  }

  @Test
  void ofSeveralForwardersTheOneSeenFirstIsUsedUntilItGoesThenTheNextOldest() {
    add(first, key);
    add(second, key);
    add(third, key);
    add(first, key);
    assertThat(used()).isSameAs(first);
    remove(first, key);
    assertThat(used()).isSameAs(second);
    add(first, key);
    assertThat(used()).isSameAs(second);
    remove(third, key);
    assertThat(used()).isSameAs(second);
    remove(second, key);
    assertThat(used()).isSameAs(first);
    remove(first, key);
    assertThat(registry.find(key)).isNull();
  }

  @Test
  void takingOutALaterForwarderLeavesTheOrderOfTheOthers() {
    add(first, key);
    add(second, key);
    add(third, key);
    remove(second, key);
    remove(first, key);
    assertThat(used()).isSameAs(third);
  }

  @Test
  void aLocalConnectionWinsAndWhenItGoesTheForwarderIsStillThere() {
    add(first, key);
    PeerEntry before = registry.find(key);
    FakePeer peer = new FakePeer(key);
    registry.register(peer);
    assertThat(registry.find(key)).isSameAs(before);
    assertThat(before.active()).isSameAs(peer);
    assertThat(before.forwarder()).isSameAs(first);
    registry.unregister(peer);
    assertThat(registry.find(key)).isSameAs(before);
    assertThat(before.active()).isNull();
    assertThat(before.isRetired()).isFalse();
    assertThat(used()).isSameAs(first);
  }

  @Test
  void aForwarderCanComeToAKeyThatIsConnectedHereAndGoAgain() {
    FakePeer peer = new FakePeer(key);
    registry.register(peer);
    assertThat(add(first, key)).isEqualTo(1);
    assertThat(registry.find(key).active()).isSameAs(peer);
    assertThat(remove(first, key)).isEqualTo(1);
    assertThat(registry.find(key).active()).isSameAs(peer);
    registry.unregister(peer);
    assertThat(registry.find(key)).isNull();
  }

  @Test
  void severalConnectionsAndAForwarderShareAnEntry() {
    FakePeer one = new FakePeer(key);
    FakePeer two = new FakePeer(key);
    registry.register(one);
    add(first, key);
    registry.register(two);
    assertThat(registry.find(key).connections()).isEqualTo(2);
    registry.unregister(one);
    registry.unregister(two);
    assertThat(used()).isSameAs(first);
    assertThat(registry.census().duplicateKeys()).isZero();
  }

  // Who hears of it

  @Test
  void receiversHearThatAKeyIsGoneOnlyWhenTheLastNodeOfTheRegionHasLostIt() {
    FakePeer receiver = new FakePeer(7);
    FakePeer peer = new FakePeer(key);
    registry.register(receiver);
    registry.register(peer);
    registry.tellWhenGone(key, receiver);
    add(first, key);
    add(second, key);

    registry.unregister(peer);
    remove(first, key);
    assertThat(receiver.gone).isEmpty();
    remove(second, key);
    assertThat(receiver.gone).containsExactly(key);
    assertThat(registry.census().awaitedSources()).isZero();
  }

  @Test
  void receiversHearNothingWhenAForwarderGoesAndAConnectionStays() {
    FakePeer receiver = new FakePeer(7);
    FakePeer peer = new FakePeer(key);
    registry.register(peer);
    add(first, key);
    registry.tellWhenGone(key, receiver);
    remove(first, key);
    assertThat(receiver.gone).isEmpty();
    registry.unregister(peer);
    assertThat(receiver.gone).containsExactly(key);
  }

  @Test
  void watchersHearOfConnectionsHereAndOfNoOtherNodes() {
    Listener listener = new Listener();
    add(first, TestKeys.key(2));
    registry.register(new FakePeer(3));
    registry.watch(listener);
    add(first, key);
    FakePeer peer = new FakePeer(key);
    registry.register(peer);
    registry.unregister(peer);
    remove(first, key);
    assertThat(listener.flooded).containsExactly(TestKeys.key(3));
    assertThat(listener.came).containsExactly(key);
    assertThat(listener.went).containsExactly(key);
  }

  @Test
  void closingAPeerConcernsConnectionsHereOnly() {
    add(first, key);
    assertThat(registry.disconnect(key)).isZero();
    assertThat(used()).isSameAs(first);
  }

  // Counting

  @Test
  void keysAreCountedForTheRegionAndForOtherNodes() {
    registry.register(new FakePeer(1));
    registry.register(new FakePeer(2));
    add(first, TestKeys.key(2), TestKeys.key(3), TestKeys.key(4));
    assertThat(registry.region().keys()).isEqualTo(4);
    assertThat(registry.region().remoteKeys()).isEqualTo(2);
    assertThat(registry.census().keys()).isEqualTo(2);
  }

  @Test
  void aSecondForwarderAndTheReturnToOneAreCounted() {
    add(first, key);
    assertThat(registry.region().multiForwardersCreated()).isZero();
    add(second, key);
    add(third, key);
    assertThat(registry.region().multiForwardersCreated()).isEqualTo(1);
    remove(first, key);
    assertThat(registry.region().multiForwardersDeleted()).isZero();
    remove(third, key);
    assertThat(registry.region().multiForwardersDeleted()).isEqualTo(1);
    remove(second, key);
    assertThat(registry.region().multiForwardersDeleted()).isEqualTo(1);
  }

  @Test
  void takingBackAKeyThatOneNeverHadIsCountedAndHarmless() {
    add(first, key);
    assertThat(remove(second, key)).isZero();
    assertThat(registry.region().foreignForwarderRemovals()).isEqualTo(1);
    registry.register(new FakePeer(5));
    remove(second, TestKeys.key(5));
    assertThat(registry.region().foreignForwarderRemovals()).isEqualTo(2);
    // As in the original: unknown keys, and those of several nodes, are not counted.
    remove(second, TestKeys.key(99));
    add(second, key);
    remove(third, key);
    assertThat(registry.region().foreignForwarderRemovals()).isEqualTo(2);
    assertThat(used()).isSameAs(first);
  }

  // Forgetting a neighbour

  @Test
  void forgettingANeighbourTakesAllItsKeysAndNoOtherInManySteps() {
    List<NodePublicKey> keys = keys(0, 20_000);
    FakePeer receiver = new FakePeer(50_000);
    registry.addForwarder(keys, first);
    registry.addForwarder(keys.subList(0, 1_000), second);
    registry.register(new FakePeer(keys.get(1_500)));
    registry.tellWhenGone(keys.get(500), receiver);
    registry.tellWhenGone(keys.get(1_500), receiver);
    registry.tellWhenGone(keys.get(2_500), receiver);

    Registry.Forgetting forgetting = registry.forget(first);
    int steps = 1;
    while (forgetting.step()) {
      steps++;
    }
    assertThat(steps).isGreaterThan(10);
    assertThat(forgetting.forgotten()).isEqualTo(20_000);
    assertThat(registry.region().keys()).isEqualTo(1_001);
    assertThat(registry.find(keys.get(500)).forwarder()).isSameAs(second);
    assertThat(registry.find(keys.get(1_500)).forwarder()).isNull();
    assertThat(registry.find(keys.get(2_500))).isNull();
    assertThat(receiver.gone).containsExactly(keys.get(2_500));
    assertThat(registry.inconsistencies()).isEmpty();
  }

  @Test
  void whileANeighbourIsBeingForgottenItsSuccessorLearns() {
    List<NodePublicKey> keys = keys(0, 5_000);
    registry.addForwarder(keys, first);
    Registry.Forgetting forgetting = registry.forget(first);
    int next = 0;
    boolean more = true;
    while (more) {
      more = forgetting.step();
      registry.addForwarder(keys.subList(next, Math.min(next + 79, 5_000)), second);
      next = Math.min(next + 79, 5_000);
    }
    registry.addForwarder(keys.subList(next, 5_000), second);
    for (NodePublicKey one : keys) {
      assertThat(registry.find(one).forwarder()).isSameAs(second);
    }
    assertThat(forgetting.forgotten()).isEqualTo(5_000);
  }

  @Test
  void contradictionsAreFoundWhereThereAreSome() {
    registry.register(new FakePeer(1));
    registry.register(new FakePeer(1));
    registry.register(new FakePeer(2));
    add(first, TestKeys.key(2), TestKeys.key(3));
    assertThat(registry.inconsistencies()).isEmpty();
    registry.find(TestKeys.key(3)).removeForwarder(first);
    registry.find(TestKeys.key(2)).setConnections(3);
    assertThat(registry.inconsistencies())
        .containsExactly(
            "3 connections, but the keys have 5",
            "1 local keys with a wrong number of connections",
            "1 keys of the region that nobody has");
  }

  // Cost

  @Test
  void lookingUpAKeyOfAnotherNodeAllocatesNothing() {
    List<NodePublicKey> keys = keys(0, 1_000);
    registry.addForwarder(keys, first);
    ByteBuf frame = TestKeys.bytes(keys.get(77), 5);
    lookUp(frame, 20_000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int found = lookUp(frame, 1_000_000);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(found).isEqualTo(1_000_000);
    assertThat(allocated).isLessThan(MEASURING_BYTES);
  }

  private int lookUp(ByteBuf frame, int times) {
    int found = 0;
    for (int i = 0; i < times; i++) {
      PeerEntry entry = registry.find(frame, 5);
      if (entry != null && entry.active() == null && entry.forwarder() != null) {
        found++;
      }
    }
    return found;
  }

  @Test
  void aKeyOfAnotherNodeCostsLessThanTwoHundredBytes() {
    int count = Integer.getInteger("derp4j.remoteKeys", 200_000);
    registry.addForwarder(List.of(TestKeys.key(-1)), first);
    long before = usedHeap();
    for (int start = 0; start < count; start += 10_000) {
      registry.addForwarder(keys(start, start + 10_000), first);
    }
    long bytes = (usedHeap() - before) / count;
    System.out.println(count + " keys of another node: " + bytes + " bytes each");
    assertThat(registry.region().remoteKeys()).isEqualTo(count + 1);
    assertThat(bytes).isLessThan(200);
  }

  /// Collects until nothing more is freed, within bounds.
  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      System.gc();
      long now = runtime.totalMemory() - runtime.freeMemory();
      if (now >= used) {
        return used;
      }
      used = now;
    }
    return used;
  }

  private static List<NodePublicKey> keys(int from, int to) {
    return new ArrayList<>(IntStream.range(from, to).mapToObj(TestKeys::key).toList());
  }

  private int add(Forwarder forwarder, NodePublicKey... keys) {
    return registry.addForwarder(List.of(keys), forwarder);
  }

  private int remove(Forwarder forwarder, NodePublicKey... keys) {
    return registry.removeForwarder(List.of(keys), forwarder);
  }

  private Forwarder used() {
    return registry.find(key).forwarder();
  }

  private static final class Listener implements PresenceWatcher {
    final List<NodePublicKey> flooded = new ArrayList<>();
    final List<NodePublicKey> came = new ArrayList<>();
    final List<NodePublicKey> went = new ArrayList<>();

    @Override
    public void flood(PeerEntry[] everyone) {
      for (PeerEntry entry : everyone) {
        flooded.add(entry.key());
      }
    }

    @Override
    public void presenceChanged(NodePublicKey changed, LocalPeer present) {
      (present == null ? went : came).add(changed);
    }
  }
}
