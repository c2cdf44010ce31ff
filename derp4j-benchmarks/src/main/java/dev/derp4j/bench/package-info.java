/// Figures about DERP servers, ours and others: the entry point of the benchmark tools.
///
/// `load` makes traffic against any server and reports what came of it, `compare` puts the reports
/// of two servers side by side, `micro` holds the JMH benchmarks of single pieces. Nothing outside
/// this module may depend on it, except the command line that offers it to users.
@NullMarked
package dev.derp4j.bench;

import org.jspecify.annotations.NullMarked;
