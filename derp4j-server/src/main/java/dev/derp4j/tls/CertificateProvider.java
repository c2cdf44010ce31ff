package dev.derp4j.tls;

import dev.derp4j.reload.Reloads;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/// Where the relay's certificates come from: one implementation for each `-certmode`.
///
/// Any thread may call.
interface CertificateProvider extends AutoCloseable {
  /// What stands first in a new connection's pipeline, or null after [#close]. It must not block.
  @Nullable ChannelHandler newHandler(ByteBufAllocator allocator);

  /// Has the certificate's files watched, where others than this relay write them.
  void watch(Reloads reloads);

  /// What an authority is to find at `/.well-known/acme-challenge/<token>`; null if nothing is
  /// there.
  @Nullable String challengeText(String token);

  /// Makes no more handlers, and no certificates. Connections that are up go on.
  @Override
  void close();
}
