/// What client and server tell each other before the first packet, and the boxes that it travels
/// in.
///
/// Here live the two info documents with their JSON, and NaCl's `crypto_box` on Bouncy Castle's
/// primitives. The documents come from strangers: parsing streams, bounds nesting, and ends in one
/// [dev.derp4j.handshake.HandshakeException] whose line cannot forge another one in a log.
/// Deadlines, the order of frames and who is let in are the server's and client's business, who
/// call in here; calls go on to keys only.
@NullMarked
package dev.derp4j.handshake;

import org.jspecify.annotations.NullMarked;
