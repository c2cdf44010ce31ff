/// What a run found out: the results as records, as JSON and as text, and where they are read from.
///
/// Also the two watchers that make a figure believable: the server's process as the kernel accounts
/// for it, and the generator's own load, so that a run limited by the generator says so. Depends on
/// no other room.
@NullMarked
package dev.derp4j.bench.load.report;

import org.jspecify.annotations.NullMarked;
