package dev.derp4j.routing;

import com.sun.management.ThreadMXBean;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PeerTableTest {
  /// What one million lookups may allocate in all: nothing of their own, a little for measuring.
  private static final long MEASURING_BYTES = 4096;

  /// One array, so that a test can say which keys meet in it.
  private PeerTable table = new PeerTable(1);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithAHashMapWhateverIsAddedAndRemoved(long seed) {
    table = new PeerTable(seed % 2 == 0 ? 64 : 1);
    Random random = new Random(seed);
    Map<NodePublicKey, PeerEntry> model = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      // Growth and decline in turns, so that rebuilding happens in both directions.
      boolean growing = (step / 2_500) % 2 == 0;
      NodePublicKey key = TestKeys.key(random.nextInt(1_000));
      PeerEntry present = model.get(key);
      if (present == null && random.nextInt(10) < (growing ? 9 : 2)) {
        PeerEntry entry = new PeerEntry(key);
        table.add(entry);
        model.put(key, entry);
      } else if (present != null && random.nextInt(10) < (growing ? 1 : 8)) {
        table.remove(present);
        model.remove(key);
      }
      NodePublicKey sought = TestKeys.key(random.nextInt(1_100));
      assertThat(table.find(sought)).isSameAs(model.get(sought));
      assertThat(table.find(TestKeys.bytes(sought, 5), 5)).isSameAs(model.get(sought));
      assertThat(table.size()).isEqualTo(model.size());
      if (step % 1_000 == 0) {
        assertThat(entries()).isEqualTo(new HashSet<>(model.values()));
      }
    }
  }

  @Test
  void holdsAHundredThousandKeysAndGivesTheirRoomBackWhenTheyLeave() {
    List<PeerEntry> added = add(0, 100_000);
    for (PeerEntry entry : added) {
      assertThat(table.find(entry.key())).isSameAs(entry);
    }
    assertThat(table.capacity()).isBetween(2 * 100_000, 8 * 100_000);

    added.subList(10, added.size()).forEach(table::remove);
    assertThat(table.capacity()).isLessThanOrEqualTo(128);
    for (PeerEntry entry : added.subList(0, 10)) {
      assertThat(table.find(entry.key())).isSameAs(entry);
    }
    assertThat(table.find(added.get(10).key())).isNull();
  }

  @Test
  void doublesAndNoMoreWhenItIsFull() {
    add(0, 8);
    assertThat(table.capacity()).isEqualTo(16);
    add(8, 9);
    assertThat(table.capacity()).isEqualTo(32);
  }

  @Test
  void doesNotGrowWhenTheSameFewComeAndGoForEver() {
    add(0, 20);
    for (int i = 0; i < 100_000; i++) {
      PeerEntry guest = new PeerEntry(TestKeys.key(1_000 + i));
      table.add(guest);
      table.remove(guest);
    }
    assertThat(table.capacity()).isLessThanOrEqualTo(8 * 20);
    assertThat(entries()).hasSize(20);
  }

  @Test
  void aWalkThatPausesVisitsEverythingThatStaysHoweverTheTableChangesMeanwhile() {
    table = new PeerTable();
    List<PeerEntry> staying = add(0, 1_000);
    List<PeerEntry> leaving = add(1_000, 60_000);
    Set<PeerEntry> visited = new HashSet<>();
    PeerTable.Walk walk = table.walk();
    int next = 0;
    while (walk.step(visited::add)) {
      // Growing, shrinking and rebuilding between the steps.
      add(100_000 + next * 10, 100_010 + next * 10);
      leaving.subList(next * 900, next * 900 + 900).forEach(table::remove);
      next++;
    }
    assertThat(visited).containsAll(staying);
    assertThat(walk.step(visited::add)).isFalse();
  }

  @Test
  void findsWhatLiesBehindARemovedEntryInTheSameSlot() {
    // Six keys of one slot, the last: they fill it and run over the end of the array.
    List<PeerEntry> chain = sameSlot(15, 6);
    chain.forEach(table::add);
    table.remove(chain.get(0));
    table.remove(chain.get(3));

    assertThat(table.find(chain.get(0).key())).isNull();
    assertThat(table.find(chain.get(1).key())).isSameAs(chain.get(1));
    assertThat(table.find(chain.get(2).key())).isSameAs(chain.get(2));
    assertThat(table.find(chain.get(3).key())).isNull();
    assertThat(table.find(chain.get(4).key())).isSameAs(chain.get(4));
    assertThat(table.find(chain.get(5).key())).isSameAs(chain.get(5));
  }

  @Test
  void keysOfOneSlotThatDifferInOneWordAreToldApart() {
    NodePublicKey base = TestKeys.key(1);
    table.add(new PeerEntry(base));
    for (int word = 0; word < 4; word++) {
      NodePublicKey other = base;
      for (long value = 1; other.equals(base) || !sameSlot(base, other); value++) {
        other =
            NodePublicKey.ofWords(
                base.word0() ^ (word == 0 ? value : 0),
                base.word1() ^ (word == 1 ? value : 0),
                base.word2() ^ (word == 2 ? value : 0),
                base.word3() ^ (word == 3 ? value : 0));
      }
      assertThat(table.find(other)).isNull();
    }
  }

  private static boolean sameSlot(NodePublicKey first, NodePublicKey second) {
    return ((first.hashCode() ^ second.hashCode()) & 15) == 0;
  }

  @Test
  void theKeyOfZerosIsNeverThereNotEvenWhereOthersLeft() {
    NodePublicKey zero = NodePublicKey.of(new byte[NodePublicKey.LENGTH]);
    for (int i = 0; i < 7; i++) {
      PeerEntry guest = new PeerEntry(TestKeys.key(i));
      table.add(guest);
      table.remove(guest);
      assertThat(table.find(zero)).isNull();
    }
  }

  @Test
  void refusesToRemoveWhatItDoesNotHold() {
    PeerEntry held = add(0, 1).getFirst();
    PeerEntry sameKey = new PeerEntry(held.key());
    assertThatThrownBy(() -> table.remove(sameKey)).isInstanceOf(IllegalStateException.class);
    assertThat(table.find(held.key())).isSameAs(held);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void aReaderAlwaysFindsTheKeysThatStayWhileAWriterChurns() throws InterruptedException {
    List<PeerEntry> staying = add(0, 50);
    List<Reader> readers = List.of(new Reader(staying), new Reader(staying));
    readers.forEach(Thread::start);
    Random random = new Random(42);
    // Waves of guests make the table grow, fill with tombstones and shrink, some hundred times.
    for (int wave = 0; wave < 200; wave++) {
      List<PeerEntry> guests = add(1_000, 1_000 + 20 + random.nextInt(1_500));
      guests.forEach(table::remove);
    }
    for (Reader reader : readers) {
      reader.interrupt();
      reader.join();
      assertThat(reader.failure).isNull();
      assertThat(reader.rounds).isPositive();
    }
    assertThat(entries()).isEqualTo(new HashSet<>(staying));
  }

  /// Looks up keys that stay, which must be there, and keys that come and go, which must be
  /// themselves or not there.
  private final class Reader extends Thread {
    private final List<PeerEntry> staying;
    volatile long rounds;
    volatile String failure;

    Reader(List<PeerEntry> staying) {
      this.staying = staying;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread alone
    public void run() {
      int guest = 1_000;
      do {
        for (PeerEntry entry : staying) {
          if (table.find(entry.key()) != entry) {
            failure = "lost " + entry.key();
          }
          guest = guest == 2_500 ? 1_000 : guest + 1;
          PeerEntry found = table.find(TestKeys.key(guest));
          if (found != null && !found.key().equals(TestKeys.key(guest))) {
            failure = "found " + found.key() + " for " + TestKeys.key(guest);
          }
        }
        rounds++;
      } while (!isInterrupted() && failure == null);
    }
  }

  @Test
  void aMillionLookupsAllocateNothing() {
    add(0, 10_000);
    List<ByteBuf> sought = new ArrayList<>();
    for (int i = 0; i < 128; i++) {
      // Every other one is not in the table.
      sought.add(TestKeys.bytes(TestKeys.key(i % 2 == 0 ? i : 1_000_000 + i), 5));
    }
    ByteBuf[] frames = sought.toArray(new ByteBuf[0]);
    int found = lookUp(frames, 1_000_000);

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    long before = threads.getThreadAllocatedBytes(id);
    found += lookUp(frames, 1_000_000);
    long allocated = threads.getThreadAllocatedBytes(id) - before;

    assertThat(found).isEqualTo(1_000_000);
    assertThat(allocated).isLessThan(MEASURING_BYTES);
  }

  private int lookUp(ByteBuf[] frames, int times) {
    int found = 0;
    for (int i = 0; i < times; i++) {
      if (table.find(frames[i & 127], 5) != null) {
        found++;
      }
    }
    return found;
  }

  private List<PeerEntry> add(int from, int to) {
    List<PeerEntry> added = new ArrayList<>();
    for (int i = from; i < to; i++) {
      PeerEntry entry = new PeerEntry(TestKeys.key(i));
      table.add(entry);
      added.add(entry);
    }
    return added;
  }

  private static List<PeerEntry> sameSlot(int slot, int count) {
    List<PeerEntry> found = new ArrayList<>();
    for (int i = 0; found.size() < count; i++) {
      if ((TestKeys.key(i).hashCode() & 15) == slot) {
        found.add(new PeerEntry(TestKeys.key(i)));
      }
    }
    return found;
  }

  private Set<PeerEntry> entries() {
    Set<PeerEntry> all = new HashSet<>();
    table.forEach(entry -> assertThat(all.add(entry)).isTrue());
    return all;
  }
}
