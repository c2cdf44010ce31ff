/// Who sends what when, and the bookkeeping of what arrived.
///
/// Both ends of a pair live on one event loop, so a pair's counters, schedule and histogram are
/// touched by one thread only and need no locks. The main thread reaches them through tasks on that
/// loop.
@NullMarked
package dev.derp4j.bench.load.traffic;

import org.jspecify.annotations.NullMarked;
