package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/// TLS by the JDK.
final class JdkTlsContext extends RelayTlsContext {
  private final SslContext context;

  JdkTlsContext(ServerName server, X509Certificate[] chain, PrivateKey key, String protocol)
      throws SSLException {
    setDefault("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    setDefault("jdk.tls.server.newSessionTicketCount", "0"); // TLS 1.3
    setDefault("jdk.tls.server.enableSessionTicketExtension", "false"); // TLS 1.2
    SslContextBuilder builder =
        SslContextBuilder.forServer(new OneChain(server, chain, key)).sslProvider(SslProvider.JDK);
    context = build(builder, SelectorFailureBehavior.FATAL_ALERT, protocol);
  }

  /// The JDK has these settings for the whole process only. It reads them once, at its first
  /// handshake as a server.
  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  @Override
  SslHandler newHandler(ByteBufAllocator allocator) {
    SslHandler handler = context.newHandler(allocator);
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
  private static final class OneChain extends ServerKeys {
    private final X509Certificate[] chain;
    private final PrivateKey key;

    OneChain(ServerName server, X509Certificate[] chain, PrivateKey key) {
      super(server);
      this.chain = chain;
      this.key = key;
    }

    @Override
    @Nullable String requestedName(SSLEngine engine) {
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
    boolean fits(String keyType) {
      return keyType.equals(chain[0].getPublicKey().getAlgorithm());
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return alias.equals(ALIAS) ? chain : null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return alias.equals(ALIAS) ? key : null;
    }
  }
}
