package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One certificate chain, set up in an engine, that handlers are made from until it is replaced.
///
/// Any thread may call; a context that was closed lives on in the connections that were made from
/// it.
abstract class RelayTlsContext implements AutoCloseable {
  /// Forward secret and authenticated; the order is Go's where both sides have AES in hardware.
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /// A handler for one connection, or null if this context was closed before it could be made.
  abstract @Nullable SslHandler newHandler(ByteBufAllocator allocator);

  /// Makes no more handlers.
  @Override
  public abstract void close();

  /// What both engines have in common.
  ///
  /// No session is ever resumed: DERP clients do not, their connections last for days, and each
  /// session or ticket kept would cost memory and weaken forward secrecy.
  ///
  /// @param strangers what becomes of a client that offers protocols (ALPN), but not ours
  /// @param protocol ours
  static SslContext build(
      SslContextBuilder builder, SelectorFailureBehavior strangers, String protocol)
      throws SSLException {
    return builder
        .trustManager(new NoClientCertificates())
        .ciphers(CIPHERS)
        .protocols("TLSv1.3", "TLSv1.2")
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN, strangers, SelectedListenerFailureBehavior.ACCEPT, protocol))
        .build();
  }
}
