/// Everything the relay's TLS needs: which certificate, which engine, which rules for a handshake.
///
/// Certificates come from a provider: files that are watched, or an authority that issues them
/// (`tls.acme` speaks with it). What is served for one name is in a slot, whose content can be
/// exchanged under living connections.
///
/// [dev.derp4j.tls.ServerTls] is the only entry: made once at the start, asked for one handler per
/// accepted connection. What reads, checks and makes certificates lives here and knows neither
/// sockets nor DERP frames; the room calls nobody but the metrics and the log it was given.
/// Failures that an operator can mend are a [dev.derp4j.tls.TlsConfigException] of one line.
@NullMarked
package dev.derp4j.tls;

import org.jspecify.annotations.NullMarked;
