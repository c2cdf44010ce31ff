package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslCredential;
import io.netty.handler.ssl.OpenSslCredentialBuilder;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.internal.tcnative.SSL;
import io.netty.util.IllegalReferenceCountException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS by BoringSSL.
///
/// The native context is counted: this object holds one count until it is closed, each engine one
/// until its connection ends, so a context that was swapped out is freed with its last connection
/// and not before.
final class BoringSslContext extends RelayTlsContext {
  /// Room for what BoringSSL says while it reads: an alert or a key update, 31 bytes at most.
  /// Longer messages, those of the handshake, go through it in pieces or straight into the buffer
  /// of the next write. Netty's default of 2 KiB is allocated per connection and kept.
  private static final int CONTROL_BYTES = 64;

  private final ReferenceCountedOpenSslContext context;

  BoringSslContext(ServerName server, X509Certificate[] chain, PrivateKey key, String protocol)
      throws SSLException {
    // Chain and key belong to the native context: nothing of them is set up, or kept, per
    // connection.
    OpenSslCredential credential = OpenSslCredentialBuilder.forX509(key, chain).build();
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(new KeyManagerFactoryWrapper(new NameCheck(server)))
              .addCredential(credential)
              .sslProvider(SslProvider.OPENSSL_REFCNT)
              // The callbacks take microseconds: on the event loop they cost less than the way to a
              // task and back.
              .option(OpenSslContextOption.USE_TASKS, false);
      // BoringSSL's binding knows no refusal: a client that offers only protocols we lack is served
      // without one.
      context =
          (ReferenceCountedOpenSslContext)
              build(builder, SelectorFailureBehavior.NO_ADVERTISE, protocol);
    } finally {
      credential.release(); // The context holds its own count of it.
    }
    context.sessionContext().setSessionCacheEnabled(false);
    context.setBioNonApplicationBufferSize(CONTROL_BYTES);
  }

  @Override
  @Nullable SslHandler newHandler(ByteBufAllocator allocator) {
    try {
      context.retain();
    } catch (IllegalReferenceCountException closed) {
      return null;
    }
    try {
      SslHandler handler = context.newHandler(allocator);
      // Netty switches tickets on for each engine of TLS 1.3; there is no setting for it.
      SSL.setOptions(
          ((ReferenceCountedOpenSslEngine) handler.engine()).sslPointer(), SSL.SSL_OP_NO_TICKET);
      return handler;
    } finally {
      context.release();
    }
  }

  @Override
  public void close() {
    context.release();
  }

  private static final class NameCheck extends ServerKeys {
    NameCheck(ServerName server) {
      super(server);
    }

    /// Asked of the library and not of the engine's session, which would keep the name as long as
    /// the connection.
    @Override
    @Nullable String requestedName(SSLEngine engine) {
      return SSL.getSniHostname(((ReferenceCountedOpenSslEngine) engine).sslPointer());
    }

    /// BoringSSL itself knows which signatures the client and the key have in common.
    @Override
    boolean fits(String keyType) {
      return true;
    }

    /// None: leaves the handshake with those of the context.
    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return null;
    }
  }
}
