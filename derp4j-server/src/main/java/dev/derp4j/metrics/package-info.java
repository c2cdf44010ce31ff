/// The catalogue of what a relay counts, and its Prometheus exposition.
///
/// Every part of the server adds to [dev.derp4j.metrics.Metrics]; this room calls none of them back
/// except through the suppliers they registered. Names, types and labels are those that operators'
/// dashboards already use.
///
/// Left out, because a JVM has nothing of that meaning: `go_*` and `go_version` (the Go runtime),
/// `goamd64_*`, `memstats_mallocs` and `memstats_frees` (the JVM counts bytes, not objects),
/// `process_virtual_memory_max_bytes` (always "unlimited"). Not yet there, because their functions
/// are not: `bootstrap_dns_*`.
@NullMarked
package dev.derp4j.metrics;

import org.jspecify.annotations.NullMarked;
