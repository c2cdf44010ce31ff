/// The HTTP phase of a connection: from its first byte to its upgrade, or its end.
///
/// [dev.derp4j.http.HttpPhase] puts two handlers into a pipeline, a decoder with limits and a
/// handler with deadlines; an upgrade to DERP removes them and all that they held, and gives the
/// connection to whoever [dev.derp4j.http.DerpUpgrader] names. What is answered to which path is
/// decided in `Routes`, a function from request to answer that knows no channel.
///
/// Calls go out to `metrics`, `debug`, `transport` for a client's address, and the upgrader;
/// nothing here knows frames, sessions or TLS set-up.
///
/// A browser's WebSocket is opened here as well, and its frames stay beneath the DERP handlers,
/// which see bytes as from TCP.
///
/// Not in this version: the pages below `/debug/` other than `varz`.
@NullMarked
package dev.derp4j.http;

import org.jspecify.annotations.NullMarked;
