package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.reload.Reloads;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The relay's side of TLS: its certificates, one engine, a handler for each connection.
///
/// TLS 1.3 and 1.2, `http/1.1` for clients that negotiate a protocol, no client certificates, no
/// renegotiation, no resumption. Certificates are exchanged under living connections, which keep
/// what they began with.
///
/// Any thread may call.
public final class ServerTls implements AutoCloseable {
  private final TlsEngine engine;
  private final CertificateProvider provider;

  private ServerTls(TlsEngine engine, CertificateProvider provider) {
    this.engine = engine;
    this.provider = provider;
  }

  /// Reads the certificate and sets up the engine.
  ///
  /// @param relayKey goes into the meta certificate
  /// @param metrics is told when certificates end and what became of their renewals
  /// @param log gets single lines for the operator: warnings, and the DERP-map entry of a
  ///     self-signed certificate
  /// @throws TlsConfigException if files or settings do not serve
  public static ServerTls start(
      ServerTlsConfig config, NodePublicKey relayKey, Metrics metrics, Consumer<String> log)
      throws TlsConfigException {
    TlsEngine engine = config.engine() == null ? TlsEngine.choose() : config.engine().orRefuse();
    TlsContexts contexts = new TlsContexts(engine, relayKey, config.handshakeTimeout());
    AcmeMode acme = config.acme();
    return new ServerTls(
        engine,
        acme == null
            ? ManualProvider.start(config, contexts, metrics, log)
            : AcmeProvider.start(config, acme, contexts, metrics, log));
  }

  /// A handler for one accepted connection, to be first in its pipeline; made to be added to one,
  /// which is what frees it.
  ///
  /// @throws IllegalStateException after [#close]
  public ChannelHandler newHandler(ByteBufAllocator allocator) {
    ChannelHandler handler = provider.newHandler(allocator);
    if (handler == null) {
      throw new IllegalStateException("TLS is closed");
    }
    return handler;
  }

  /// What an authority is to find at `/.well-known/acme-challenge/<token>` on port 80.
  ///
  /// @return null if nothing is there
  public @Nullable String challengeText(String token) {
    return provider.challengeText(token);
  }

  /// Has the certificate's files read again when they change and when it is asked for.
  public void watch(Reloads reloads) {
    provider.watch(reloads);
  }

  /// The engine in words, for the start log.
  public String description() {
    return engine.description();
  }

  /// Makes no more handlers. Connections that are up go on.
  @Override
  public void close() {
    provider.close();
  }
}
