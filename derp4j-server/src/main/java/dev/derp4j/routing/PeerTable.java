package dev.derp4j.routing;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Map from key to [PeerEntry]: reads without locks or allocation, writes under the caller's lock.
///
/// Open addressing with linear probing over arrays of references. A reader loads the array, then
/// walks from the key's slot to the first empty one, comparing four words per entry; keys are
/// spread by [NodePublicKey#hash], which is seeded per process, so that a stranger cannot choose
/// keys that pile up. A removed entry leaves a tombstone, which readers step over; an array is
/// rebuilt into a fresh one when live entries and tombstones together fill more than half of it, or
/// live ones less than an eighth. Readers of the old array see every entry that was in it when they
/// started.
///
/// There are 64 such arrays, each for a part of the hashes: rebuilding happens under the caller's
/// lock, and with a million keys one array's worth of it takes a millisecond where all would take
/// fifty.
///
/// Cost: 2 to 8 slots, so 8 to 32 bytes, per key beside the entry.
final class PeerTable {
  private static final int MAX_PARTS = 64;
  private static final int PART_SHIFT = Integer.SIZE - Integer.numberOfTrailingZeros(MAX_PARTS);
  private static final int MIN_CAPACITY = 16;
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(PeerEntry[].class);
  private static final PeerEntry TOMBSTONE =
      new PeerEntry(NodePublicKey.of(new byte[NodePublicKey.LENGTH]));

  /// One array, and how full it is.
  private static final class Part {
    volatile @Nullable PeerEntry[] slots = new PeerEntry[MIN_CAPACITY];
    int live;
    int used;
  }

  private final Part[] parts;
  private final int partMask;
  private int live;

  PeerTable() {
    this(MAX_PARTS);
  }

  /// @param count how many arrays: a power of two up to 64
  PeerTable(int count) {
    parts = new Part[count];
    partMask = count - 1;
    Arrays.setAll(parts, _ -> new Part());
  }

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
    int hash = NodePublicKey.hash(word0, word1, word2, word3);
    @Nullable PeerEntry[] array = part(hash).slots;
    int mask = array.length - 1;
    int slot = hash & mask;
    while (true) {
      PeerEntry entry = (PeerEntry) SLOT.getAcquire(array, slot);
      if (entry == null) {
        return null;
      }
      if (entry.hasKey(word0, word1, word2, word3) && entry != TOMBSTONE) {
        return entry;
      }
      slot = (slot + 1) & mask;
    }
  }

  /// By the upper bits, since the lower ones choose the slot.
  private Part part(int hash) {
    return parts[(hash >>> PART_SHIFT) & partMask];
  }

  /// Adds an entry whose key is not in the table. Under the lock.
  void add(PeerEntry entry) {
    int hash = entry.keyHash();
    Part part = part(hash);
    if ((part.used + 1) * 2 > part.slots.length) {
      rebuild(part);
    }
    place(part.slots, entry, hash);
    part.live++;
    part.used++;
    live++;
  }

  /// Takes out an entry that is in the table. Under the lock.
  void remove(PeerEntry entry) {
    int hash = entry.keyHash();
    Part part = part(hash);
    @Nullable PeerEntry[] array = part.slots;
    int mask = array.length - 1;
    int slot = hash & mask;
    while (array[slot] != entry) {
      if (array[slot] == null) {
        throw new IllegalStateException("not in the table: " + entry.key());
      }
      slot = (slot + 1) & mask;
    }
    SLOT.setRelease(array, slot, TOMBSTONE);
    part.live--;
    live--;
    if (array.length > MIN_CAPACITY && part.live * 8 < array.length) {
      rebuild(part);
    }
  }

  /// How many entries there are. Under the lock.
  int size() {
    return live;
  }

  /// How many slots the arrays have. Under the lock.
  int capacity() {
    return Arrays.stream(parts).mapToInt(part -> part.slots.length).sum();
  }

  /// Visits every entry. Under the lock.
  void forEach(Consumer<PeerEntry> visitor) {
    for (Part part : parts) {
      visit(part.slots, visitor);
    }
  }

  private static void visit(@Nullable PeerEntry[] array, Consumer<PeerEntry> visitor) {
    for (PeerEntry entry : array) {
      if (entry != null && entry != TOMBSTONE) {
        visitor.accept(entry);
      }
    }
  }

  /// A walk over all entries that can pause, and meanwhile the table may change.
  Walk walk() {
    return new Walk();
  }

  /// Visits every entry that is in the table from the walk's beginning to its end; one that comes
  /// or goes in between may be visited or not. Under the lock.
  final class Walk {
    private int nextPart;

    /// Visits the entries of one part of the table: about 1/64 of them.
    ///
    /// @return whether there is more
    boolean step(Consumer<PeerEntry> visitor) {
      if (nextPart < parts.length) {
        visit(parts[nextPart++].slots, visitor);
      }
      return nextPart < parts.length;
    }
  }

  private static void rebuild(Part part) {
    int capacity = MIN_CAPACITY;
    while (capacity < part.live * 4) {
      capacity *= 2;
    }
    @Nullable PeerEntry[] fresh = new PeerEntry[capacity];
    visit(part.slots, entry -> place(fresh, entry, entry.keyHash()));
    part.used = part.live;
    part.slots = fresh;
  }

  private static void place(@Nullable PeerEntry[] array, PeerEntry entry, int hash) {
    int mask = array.length - 1;
    int slot = hash & mask;
    while (array[slot] != null) {
      slot = (slot + 1) & mask;
    }
    SLOT.setRelease(array, slot, entry);
  }
}
