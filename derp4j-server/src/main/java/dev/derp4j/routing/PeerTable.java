package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Map from key to [PeerEntry]: reads without locks or allocation, writes under the caller's lock.
///
/// Open addressing with linear probing over one array of references. A reader loads the array, then
/// walks from the key's slot to the first empty one, comparing four words per entry; keys are
/// spread by [NodePublicKey#hash], which is seeded per process, so that a stranger cannot choose
/// keys that pile up. A removed entry leaves a tombstone, which readers step over; the table is
/// rebuilt into a fresh array when live entries and tombstones together fill more than half of it,
/// or live ones less than an eighth. Readers of the old array see every entry that was in it when
/// they started.
///
/// Cost: 2 to 8 slots, so 8 to 32 bytes, per key beside the entry and its key.
final class PeerTable {
  private static final int MIN_CAPACITY = 16;
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(PeerEntry[].class);
  private static final PeerEntry TOMBSTONE =
      new PeerEntry(NodePublicKey.of(new byte[NodePublicKey.LENGTH]));

  private volatile @Nullable PeerEntry[] slots = new PeerEntry[MIN_CAPACITY];
  private int live;
  private int used;

  /// The entry whose key stands at `index` of `buf`; any thread.
  @Nullable PeerEntry find(ByteBuf buf, int index) {
    return find(
        buf.getLong(index),
        buf.getLong(index + 8),
        buf.getLong(index + 16),
        buf.getLong(index + 24));
  }

  /// The entry of `key`; any thread.
  @Nullable PeerEntry find(NodePublicKey key) {
    return find(key.word0(), key.word1(), key.word2(), key.word3());
  }

  private @Nullable PeerEntry find(long word0, long word1, long word2, long word3) {
    @Nullable PeerEntry[] array = slots;
    int mask = array.length - 1;
    int slot = NodePublicKey.hash(word0, word1, word2, word3) & mask;
    while (true) {
      PeerEntry entry = (PeerEntry) SLOT.getAcquire(array, slot);
      if (entry == null) {
        return null;
      }
      NodePublicKey key = entry.key;
      if (key.word0() == word0
          && key.word1() == word1
          && key.word2() == word2
          && key.word3() == word3
          && entry != TOMBSTONE) {
        return entry;
      }
      slot = (slot + 1) & mask;
    }
  }

  /// Adds an entry whose key is not in the table. Under the lock.
  void add(PeerEntry entry) {
    if ((used + 1) * 2 > slots.length) {
      rebuild();
    }
    place(slots, entry);
    live++;
    used++;
  }

  /// Takes out an entry that is in the table. Under the lock.
  void remove(PeerEntry entry) {
    @Nullable PeerEntry[] array = slots;
    int mask = array.length - 1;
    int slot = entry.key.hashCode() & mask;
    while (array[slot] != entry) {
      if (array[slot] == null) {
        throw new IllegalStateException("not in the table: " + entry.key);
      }
      slot = (slot + 1) & mask;
    }
    SLOT.setRelease(array, slot, TOMBSTONE);
    live--;
    if (array.length > MIN_CAPACITY && live * 8 < array.length) {
      rebuild();
    }
  }

  /// How many entries there are. Under the lock.
  int size() {
    return live;
  }

  /// How many slots the array has. Under the lock.
  int capacity() {
    return slots.length;
  }

  /// Visits every entry. Under the lock.
  void forEach(Consumer<PeerEntry> visitor) {
    for (PeerEntry entry : slots) {
      if (entry != null && entry != TOMBSTONE) {
        visitor.accept(entry);
      }
    }
  }

  private void rebuild() {
    int capacity = MIN_CAPACITY;
    while (capacity < live * 4) {
      capacity *= 2;
    }
    @Nullable PeerEntry[] fresh = new PeerEntry[capacity];
    forEach(entry -> place(fresh, entry));
    used = live;
    slots = fresh;
  }

  private static void place(@Nullable PeerEntry[] array, PeerEntry entry) {
    int mask = array.length - 1;
    int slot = entry.key.hashCode() & mask;
    while (array[slot] != null) {
      slot = (slot + 1) & mask;
    }
    SLOT.setRelease(array, slot, entry);
  }
}
