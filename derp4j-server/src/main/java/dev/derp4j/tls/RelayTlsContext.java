package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/// One certificate chain, set up in an engine, that handlers are made from until it is replaced.
///
/// TLS 1.3 and 1.2 with ciphers that are forward secret and authenticated; their order is Go's
/// where both sides have AES in hardware. No session is ever resumed: DERP clients do not, their
/// connections last for days, and each session or ticket kept would cost memory and weaken forward
/// secrecy.
///
/// Any thread may call; a context that was closed lives on in the connections that were made from
/// it.
interface RelayTlsContext extends AutoCloseable {
  /// A handler for one connection, or null if this context was closed before it could be made.
  @Nullable ChannelHandler newHandler(ByteBufAllocator allocator);

  /// Makes no more handlers.
  @Override
  void close();
}
