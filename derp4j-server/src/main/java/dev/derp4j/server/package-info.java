/// Configuration, start and stop of a relay: the one place where all parts meet.
///
/// [dev.derp4j.server.RelayConfig] is what a relay is told, and it is complete: nothing below reads
/// flags, key files, or the process's environment. This room calls all others of the server, and
/// none of them calls back.
@NullMarked
package dev.derp4j.server;

import org.jspecify.annotations.NullMarked;
