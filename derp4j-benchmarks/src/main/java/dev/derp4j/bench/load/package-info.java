/// The load generator's modes, one command each, and what they have in common.
///
/// A command reads its options, has `wire` open the connections, `traffic` fill them, and `report`
/// say what came of it. It runs on the main thread and waits; all traffic happens on event loops.
@NullMarked
package dev.derp4j.bench.load;

import org.jspecify.annotations.NullMarked;
