package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// TLS by the JDK.
final class JdkTlsContext implements RelayTlsContext {
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

  private final SslContext context;
  private final Duration handshakeTimeout;

  JdkTlsContext(
      ServerName server,
      X509Certificate[] chain,
      PrivateKey key,
      String protocol,
      Duration handshakeTimeout)
      throws SSLException {
    this.handshakeTimeout = handshakeTimeout;
    setDefault("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    setDefault("jdk.tls.server.newSessionTicketCount", "0"); // TLS 1.3
    setDefault("jdk.tls.server.enableSessionTicketExtension", "false"); // TLS 1.2
    context =
        SslContextBuilder.forServer(new OneChain(server, chain, key))
            .sslProvider(SslProvider.JDK)
            .trustManager(new NoClientCertificates())
            .ciphers(CIPHERS)
            .protocols("TLSv1.3", "TLSv1.2")
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.FATAL_ALERT,
                    SelectedListenerFailureBehavior.ACCEPT,
                    protocol))
            .build();
  }

  /// The JDK has these settings for the whole process only. It reads them once, at its first
  /// handshake as a server.
  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  @Override
  public SslHandler newHandler(ByteBufAllocator allocator) {
    SslHandler handler = context.newHandler(allocator);
    handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    // Out of the cache of sessions to resume, which the JDK cannot be told not to keep.
    handler.handshakeFuture().addListener(done -> handler.engine().getSession().invalidate());
    return handler;
  }

  @Override
  public void close() {
    // The garbage collector's.
  }

  /// In place of a key store, because key stores refuse a chain whose certificates do not vouch for
  /// each other, and the meta certificate at its end vouches for none. The array is made once and
  /// never changed, so that the chain is as long at the millionth handshake as at the first.
  private static final class OneChain extends X509ExtendedKeyManager {
    private static final String ALIAS = "relay";

    private final ServerName server;
    private final X509Certificate[] chain;
    private final PrivateKey key;

    OneChain(ServerName server, X509Certificate[] chain, PrivateKey key) {
      this.server = server;
      this.chain = chain;
      this.key = key;
    }

    /// Asked once per handshake and kind of key; the handshake ends when it gets none, so this is
    /// where a client is turned away that asks for another name.
    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
      boolean fits = keyType.equals(chain[0].getPublicKey().getAlgorithm());
      return fits && server.serves(requestedName(engine)) ? ALIAS : null;
    }

    private static @Nullable String requestedName(SSLEngine engine) {
      if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
        for (SNIServerName name : session.getRequestedServerNames()) {
          if (name.getType() == StandardConstants.SNI_HOST_NAME) {
            return new String(name.getEncoded(), StandardCharsets.US_ASCII);
          }
        }
      }
      return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return alias.equals(ALIAS) ? chain : null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return alias.equals(ALIAS) ? key : null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }
  }
}
