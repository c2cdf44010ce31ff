package dev.derp4j.bench.load.wire;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.List;
import javax.net.ssl.SSLException;

/// TLS 1.3 as Tailscale's clients speak it, towards a server whose certificate is taken unseen.
///
/// A load generator is pointed at servers with self-signed certificates and sends them nothing
/// secret. Sessions are never resumed, since the real clients do not resume them either.
public final class ClientTls {
  /// What a Go client of 2026 offers, in its order.
  public static final List<String> DEFAULT_GROUPS = List.of("X25519MLKEM768", "X25519", "P-256");

  private final SslContext context;
  private final boolean recordPerWrite;
  private final String provider;

  /// @param groups key exchange groups, most wanted first; only BoringSSL lets them be chosen
  /// @param recordPerWrite whether every write becomes a TLS record of its own, even if several
  ///     wait together
  public ClientTls(List<String> groups, boolean recordPerWrite) throws SSLException {
    boolean openSsl = OpenSsl.isAvailable();
    if (!openSsl && !groups.equals(DEFAULT_GROUPS)) {
      throw new SSLException("key exchange groups cannot be chosen: no BoringSSL for this system");
    }
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(openSsl ? SslProvider.OPENSSL : SslProvider.JDK)
            .protocols("TLSv1.3")
            .endpointIdentificationAlgorithm(null)
            .trustManager(InsecureTrustManagerFactory.INSTANCE);
    if (openSsl) {
      builder.option(OpenSslContextOption.GROUPS, groups.toArray(String[]::new));
    }
    try {
      this.context = builder.build();
    } catch (IllegalArgumentException e) {
      throw new SSLException("unknown key exchange group among " + groups, e);
    }
    this.recordPerWrite = recordPerWrite;
    this.provider = openSsl ? OpenSsl.versionString() : "JDK";
  }

  /// Which library does the cryptography, for the report.
  public String provider() {
    return provider;
  }

  SslHandler newHandler(ByteBufAllocator allocator) {
    // Without a peer's name the handler finds no session to resume.
    SslHandler handler = context.newHandler(allocator);
    handler.setHandshakeTimeoutMillis(30_000);
    if (recordPerWrite) {
      handler.setWrapDataSize(0);
    }
    return handler;
  }
}
