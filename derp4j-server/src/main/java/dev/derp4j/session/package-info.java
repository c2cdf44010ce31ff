/// One connection from its handshake to its end: phases, queues, what it reads and writes.
///
/// Everything about a connection is touched on its own event loop alone; other threads reach it
/// through [dev.derp4j.session.RelayLoop]. Calls go to `routing` and `metrics`; how a connection
/// came to be (TLS, HTTP) is not this room's business.
@NullMarked
package dev.derp4j.session;

import org.jspecify.annotations.NullMarked;
