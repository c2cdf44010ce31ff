/// Bytes to frames and back, on Netty buffers.
///
/// [dev.derp4j.codec.FrameWriter] appends frames, [dev.derp4j.codec.FrameDecoder] takes bytes in
/// any fragmentation and hands out frames. Lengths are checked before anything is read or kept, so
/// a stranger's header never makes us allocate more than the bytes that really came. A broken rule
/// is a [dev.derp4j.codec.ProtocolException], which ends one connection. No sockets and no handlers
/// here: the relay's own read path, which passes packets on without making frames of them, lives in
/// the server.
@NullMarked
package dev.derp4j.codec;

import org.jspecify.annotations.NullMarked;
