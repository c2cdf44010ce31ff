/// Log lines as operators' tools expect them: on standard error, `2026/11/24 03:05:54 message`.
///
/// Logback finds [dev.derp4j.cli.log.LogConfigurator] as a service, so nothing calls this room; the
/// rest of the program logs through SLF4J and knows none of it.
@NullMarked
package dev.derp4j.cli.log;

import org.jspecify.annotations.NullMarked;
