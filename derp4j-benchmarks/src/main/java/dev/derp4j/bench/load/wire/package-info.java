/// Connections to a DERP server as a load generator wants them: many, cheap, and known to work.
///
/// From TCP through TLS, upgrade and handshake to a connection that hands over the heads of
/// arriving frames. It knows nothing of traffic patterns; `traffic` and the commands call it.
/// Everything about a connection happens on its event loop.
@NullMarked
package dev.derp4j.bench.load.wire;

import org.jspecify.annotations.NullMarked;
