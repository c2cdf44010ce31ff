package dev.derp4j.bench.load.report;

/// A process's memory as `/proc/<pid>/smaps_rollup` states it, in kB.
///
/// @param rss resident pages, shared ones in full
/// @param pss resident pages, shared ones divided among those who share them
/// @param uss pages that nobody else has: what would be free if the process ended
public record Memory(long rss, long pss, long uss) {

  /// Both together.
  public Memory plus(Memory other) {
    return new Memory(rss + other.rss, pss + other.pss, uss + other.uss);
  }

  /// How much more this is than an earlier reading.
  public Memory since(Memory before) {
    return new Memory(rss - before.rss, pss - before.pss, uss - before.uss);
  }
}
