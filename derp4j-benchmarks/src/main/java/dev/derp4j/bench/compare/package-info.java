/// Two servers side by side: reads the reports of paired rounds and makes the table of ratios.
///
/// The script `compare` runs the rounds and leaves one report per run; this room only reads them.
@NullMarked
package dev.derp4j.bench.compare;

import org.jspecify.annotations.NullMarked;
