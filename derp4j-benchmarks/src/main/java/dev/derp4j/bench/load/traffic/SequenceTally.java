package dev.derp4j.bench.load.traffic;

/// Counts what became of a numbered sequence of packets: delivered, reordered, duplicated, lost.
///
/// ```text
///  sent       0 1 2 3 4 5 6 7           next = 8
///  arrived    0 1 3 2 6                 highest = 6
///  delivered  5   reordered 1 (the 2)   lost, if nothing more comes: 4, 5, 7
/// ```
///
/// A packet counts as reordered when one with a higher number came before it. Only packets with
/// numbers between the two marks are counted, so that warm-up and cool-down stay out while the
/// sequence goes on. Which of the last 1024 numbers have come is remembered in a ring of bits; what
/// is older than that and comes after all is taken for reordered, though it could be a duplicate.
final class SequenceTally {
  private static final int WINDOW = 1024;

  private final long[] seen = new long[WINDOW / Long.SIZE];
  private long next;
  private long highest = -1;
  /// Nothing counts before the first mark.
  private long from = Long.MAX_VALUE;

  private long to = Long.MAX_VALUE;
  private long delivered;
  private long reordered;
  private long duplicated;

  /// The number for the packet that is being sent.
  long send() {
    return next++;
  }

  /// Notes an arrival.
  void arrived(long sequence) {
    if (sequence > highest) {
      forget(highest + 1, sequence);
      highest = sequence;
    } else if (sequence > highest - WINDOW && isSeen(sequence)) {
      count(sequence, Fate.DUPLICATED);
      return;
    } else {
      count(sequence, Fate.REORDERED);
    }
    seen[slot(sequence)] |= 1L << sequence;
    count(sequence, Fate.DELIVERED);
  }

  private enum Fate {
    DELIVERED,
    REORDERED,
    DUPLICATED
  }

  private void count(long sequence, Fate fate) {
    if (!isCounted(sequence)) {
      return;
    }
    switch (fate) {
      case DELIVERED -> delivered++;
      case REORDERED -> reordered++;
      case DUPLICATED -> duplicated++;
    }
  }

  /// Whether the packet was sent between the marks.
  boolean isCounted(long sequence) {
    return sequence >= from && sequence < to;
  }

  /// Clears the bits of numbers that enter the window.
  private void forget(long first, long last) {
    for (long number = Math.max(first, last - WINDOW + 1); number <= last; number++) {
      seen[slot(number)] &= ~(1L << number);
    }
  }

  private boolean isSeen(long sequence) {
    return (seen[slot(sequence)] & (1L << sequence)) != 0;
  }

  private static int slot(long sequence) {
    return (int) (sequence % WINDOW) / Long.SIZE;
  }

  /// Counting begins with the next packet sent.
  void markBegin() {
    from = next;
    to = Long.MAX_VALUE;
    delivered = 0;
    reordered = 0;
    duplicated = 0;
  }

  /// The next packet sent is not counted any more; those before it still are when they arrive.
  void markEnd() {
    to = next;
  }

  /// Packets sent, and neither arrived nor overtaken by a later one.
  long inFlight() {
    return next - 1 - highest;
  }

  /// Packets sent between the marks.
  long sent() {
    return Math.max(0, Math.min(next, to) - from);
  }

  /// Of these, how many arrived, each counted once.
  long delivered() {
    return delivered;
  }

  /// Of the delivered, how many came after one that was sent later.
  long reordered() {
    return reordered;
  }

  /// Arrivals beyond the first of a packet.
  long duplicated() {
    return duplicated;
  }

  /// Packets that have not come; once nothing can come any more, the lost ones.
  long missing() {
    return sent() - delivered;
  }

  /// Writes off what is in flight: if it comes after all, it counts as delivered and reordered.
  void giveUp() {
    if (next - 1 > highest) {
      forget(highest + 1, next - 1);
      highest = next - 1;
    }
  }
}
