package dev.derp4j.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/// What encrypts a connection, for those behind it in the pipeline who want to know of it. Called
/// on the connection's event loop.
public interface TlsLayer {
  /// Whether the handshake is done.
  boolean isEstablished();

  /// The version as it is written everywhere, such as `TLSv1.3`; null before the handshake is done.
  @Nullable String protocol();

  /// Says goodbye (close_notify) behind all that was written. What is written later fails.
  void closeOutput();

  /// A handler that is such a layer itself.
  interface Handler extends TlsLayer, ChannelHandler {}

  /// The layer of this connection; null if it has none, or none yet.
  static @Nullable TlsLayer of(Channel channel) {
    Handler own = channel.pipeline().get(Handler.class);
    if (own != null) {
      return own;
    }
    SslHandler netty = channel.pipeline().get(SslHandler.class);
    return netty == null ? null : new OfNetty(netty);
  }

  /// Netty's handler, with whatever engine.
  record OfNetty(SslHandler handler) implements TlsLayer {
    @Override
    public boolean isEstablished() {
      return handler.handshakeFuture().isSuccess();
    }

    @Override
    public @Nullable String protocol() {
      return isEstablished() ? handler.engine().getSession().getProtocol() : null;
    }

    @Override
    public void closeOutput() {
      handler.closeOutbound();
    }
  }
}
