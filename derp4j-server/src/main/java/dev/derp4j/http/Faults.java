package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.transport.TlsLayer;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
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
  static CloseReason reason(Channel channel, Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof SslHandshakeTimeoutException) {
        return CloseReason.TLS_TIMEOUT;
      }
      if (each instanceof SSLException) {
        return isHandshaking(channel) ? CloseReason.TLS_HANDSHAKE : CloseReason.RESET;
      }
      if (each instanceof IOException) {
        return CloseReason.RESET;
      }
    }
    return CloseReason.INTERNAL_ERROR;
  }

  private static boolean isHandshaking(Channel channel) {
    TlsLayer tls = TlsLayer.of(channel);
    // Without a handler of its own yet, TLS is still at the client's first message.
    return tls == null || !tls.isEstablished();
  }

  /// Says what an operator should know of: our own faults. Strangers make all the others.
  static void log(Channel channel, CloseReason reason, Throwable thrown) {
    if (reason == CloseReason.INTERNAL_ERROR) {
      LOG.error("http: fault in the connection of {}", channel.remoteAddress(), thrown);
    } else {
      LOG.debug("http: {}: {}", channel.remoteAddress(), thrown.toString());
    }
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

  /// Whether it was done without a fault.
  static boolean succeeds(Runnable deed) {
    try {
      deed.run();
      return true;
    } catch (RuntimeException e) {
      LOG.error("http: cannot upgrade a connection", e);
      return false;
    }
  }

  static Response internalError() {
    return Response.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal error").closing();
  }
}
