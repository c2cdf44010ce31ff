/// Event loops, listeners and socket options: how connections reach the relay.
///
/// Chooses the native transport where it fits and NIO elsewhere. Knows nothing of DERP: what a new
/// connection's pipeline holds is the caller's business. The foreign calls of STUN are in
/// `stunserver`.
@NullMarked
package dev.derp4j.transport;

import org.jspecify.annotations.NullMarked;
