package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Exceptions: what they say about a connection, and what the peer is told.
final class Faults {
  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

  private Faults() {}

  /// Why a connection ends in whose pipeline this was thrown.
  static CloseReason reason(ChannelHandlerContext ctx, Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof SSLException) {
        return isHandshaking(ctx) ? CloseReason.TLS_HANDSHAKE : CloseReason.RESET;
      }
      if (each instanceof IOException) {
        return CloseReason.RESET;
      }
    }
    return CloseReason.INTERNAL_ERROR;
  }

  private static boolean isHandshaking(ChannelHandlerContext ctx) {
    SslHandler ssl = ctx.pipeline().get(SslHandler.class);
    return ssl != null && !ssl.handshakeFuture().isSuccess();
  }

  /// What is made, or what the peer is told if making it fails.
  static <T> T orElse(Supplier<T> making, Supplier<T> otherwise) {
    try {
      return making.get();
    } catch (RuntimeException e) {
      LOG.error("http: cannot answer a request", e);
      return otherwise.get();
    }
  }

  static Response internalError() {
    return Response.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal error").closing();
  }
}
