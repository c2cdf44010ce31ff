package dev.derp4j.client.dial;

import dev.derp4j.key.NodePublicKey;
import io.netty.channel.Channel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// One TLS handshake as a client, TLS 1.2 or 1.3, without ALPN.
///
/// Each dial has a context of its own, which lives as long as its connection: so no session of one
/// endpoint is resumed with another one, whose check it would evade, and a resumed session would
/// not show the meta certificate either. BoringSSL where its native library fits this machine, the
/// JDK elsewhere, or where the system property `derp4j.tls.engine` says `jdk`.
final class TlsStep {
  private static final String ENGINE_PROPERTY = "derp4j.tls.engine";

  /// As in `TLSV1_ALERT_INTERNAL_ERROR`, `TLSV1_UNRECOGNIZED_NAME`, `fatal alert: access_denied`.
  private static final Pattern ALERT =
      Pattern.compile("(?:(?:TLSV1|SSLV3)_(?:ALERT_)?|fatal alert: )([A-Za-z_]+)$");

  private TlsStep() {}

  /// Adds TLS to a connection.
  ///
  /// @param name the handler's name in the pipeline
  /// @param serverName the name to ask for (SNI): none if it is empty or an address
  /// @return done on the channel's loop when the server has been verified; fails with a
  ///     [StepFailure]
  static CompletableFuture<SslHandler> begin(
      Channel channel, String name, String serverName, ServerTrust trust) {
    CompletableFuture<SslHandler> done = new CompletableFuture<>();
    SslHandler handler;
    try {
      handler = handler(channel, serverName, trust);
    } catch (SSLException | IllegalArgumentException e) {
      done.completeExceptionally(new StepFailure(Reasons.of(e)));
      return done;
    }
    handler
        .handshakeFuture()
        .addListener(
            finished -> {
              if (finished.isSuccess()) {
                done.complete(handler);
              } else {
                done.completeExceptionally(failure(trust, finished.cause()));
              }
            });
    PipelineEnd.addBefore(channel.pipeline(), name, handler);
    return done;
  }

  /// The name that an endpoint's server is asked for: its host, or the certificate's name where it
  /// has no host.
  static String serverName(DerpEndpoint endpoint) {
    return endpoint.host().isEmpty()
            && endpoint.certificate() instanceof CertificateCheck.ForName(String name)
        ? name
        : endpoint.host();
  }

  private static SslHandler handler(Channel channel, String serverName, ServerTrust trust)
      throws SSLException {
    SslProvider provider = provider();
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(provider)
            .protocols("TLSv1.3", "TLSv1.2")
            .endpointIdentificationAlgorithm(null) // the trust manager's matter
            .trustManager(trust);
    if (provider == SslProvider.OPENSSL_REFCNT) {
      builder.option(OpenSslContextOption.USE_TASKS, false);
    }
    SslContext context = builder.build();
    try {
      SslHandler handler = context.newHandler(channel.alloc());
      handler.setHandshakeTimeoutMillis(0); // the dial has a limit for all steps
      if (!serverName.isEmpty() && Literals.address(serverName) == null) {
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(withoutFinalDot(serverName))));
        handler.engine().setSSLParameters(parameters);
      }
      return handler;
    } finally {
      ReferenceCountUtil.release(context); // the engine holds its own count of it
    }
  }

  private static SslProvider provider() {
    String wish = System.getProperty(ENGINE_PROPERTY, "").toLowerCase(Locale.ROOT);
    boolean boringSsl =
        !wish.equals("jdk") && OpenSsl.isAvailable() && "BoringSSL".equals(OpenSsl.versionString());
    return boringSsl ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }

  private static String withoutFinalDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static StepFailure failure(ServerTrust trust, Throwable cause) {
    String refused = trust.problem();
    if (refused != null) {
      return new StepFailure(null, refused, cause);
    }
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new StepFailure(
        null,
        switch (root) {
          case NotSslRecordException other -> "the other side does not speak TLS";
          case ClosedChannelException closed -> "the connection was closed";
          default -> alert(Reasons.of(root));
        },
        cause);
  }

  /// Both libraries' words for an alert of the other side, in one form.
  private static String alert(String reason) {
    Matcher alert = ALERT.matcher(reason);
    return alert.find()
        ? "the other side refused with alert " + alert.group(1).toLowerCase(Locale.ROOT)
        : reason;
  }

  /// The server's DERP key, if this was TLS 1.3, which hides certificates from onlookers, and a
  /// certificate named it.
  static @Nullable NodePublicKey announcedKey(SslHandler handler) {
    SSLSession session = handler.engine().getSession();
    if (!session.getProtocol().equals("TLSv1.3")) {
      return null;
    }
    try {
      return MetaCertificates.serverKey(session.getPeerCertificates());
    } catch (SSLPeerUnverifiedException none) {
      return null;
    }
  }
}
