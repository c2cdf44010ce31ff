/// Binding requests over UDP, as many as a server answers or as a schedule says, and a look at
/// every answer.
///
/// A socket and all its counters belong to one event loop; the main thread reaches them through
/// tasks on that loop. Knows nothing of DERP; the command calls it.
@NullMarked
package dev.derp4j.bench.load.stun;

import org.jspecify.annotations.NullMarked;
