/// What tests of several modules need: a client that speaks DERP byte by byte, raw and ill-behaved
/// connections, a proxy that makes the network bad and one that does CONNECT, certificates of every
/// kind, cut-up buffers, and a watch for leaked ones.
///
/// Everything here blocks the calling test thread, and every wait ends: a wait in vain is an
/// [AssertionError] that says what was waited for. Nothing here knows the server; it is reached by
/// sockets and pipelines like anyone else's. Calls go from tests to here, and on to the protocol.
@NullMarked
package dev.derp4j.testkit;

import org.jspecify.annotations.NullMarked;
