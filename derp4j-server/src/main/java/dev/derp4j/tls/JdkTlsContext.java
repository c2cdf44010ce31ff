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

  JdkTlsContext(ServerName server, X509Certificate[] chain, PrivateKey key) throws SSLException {
    setDefault("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    setDefault("jdk.tls.server.newSessionTicketCount", "0");
    SslContextBuilder builder =
        SslContextBuilder.forServer(new KeyManager(server, chain, key))
            .sslProvider(SslProvider.JDK)
            // There is no "none" for these two; 0 would mean the JDK's 20,480 sessions for a day.
            .sessionCacheSize(1)
            .sessionTimeout(1);
    context = build(builder, SelectorFailureBehavior.FATAL_ALERT);
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
    return context.newHandler(allocator);
  }

  @Override
  public void close() {
    // The garbage collector's.
  }

  private static final class KeyManager extends RelayKeyManager {
    KeyManager(ServerName server, X509Certificate[] chain, PrivateKey key) {
      super(server, chain, key);
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
      return keyType.equals(keyType());
    }
  }
}
