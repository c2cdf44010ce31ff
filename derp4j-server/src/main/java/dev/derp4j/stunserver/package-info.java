/// The UDP responder that tells clients which address the relay sees them at.
///
/// [dev.derp4j.stunserver.StunServer] is the way in; the rest is how it reads and answers. On
/// 64-bit Linux it calls the C library ([dev.derp4j.stunserver.Libc]) to learn which of the
/// machine's addresses a request was sent to and to answer from it, many datagrams per system call.
/// Elsewhere a plain `DatagramChannel` serves. Both share [dev.derp4j.stunserver.Responder], which
/// decides.
///
/// Each server has one thread of its own, which owns the socket and all buffers. It calls
/// `dev.derp4j.stun` for the message format and knows nothing of the relay.
@NullMarked
package dev.derp4j.stunserver;

import org.jspecify.annotations.NullMarked;
