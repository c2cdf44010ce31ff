package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The relay's side of TLS: one certificate, one engine, a handler for each connection.
///
/// TLS 1.3 and 1.2, `http/1.1` for clients that negotiate a protocol, no client certificates, no
/// renegotiation, no resumption. Behind the certificate's chain goes the [MetaCertificate], which
/// lives 30 days; so the first accept after ten days sets up a fresh context and swaps it in.
/// Connections that are up keep the context they began with.
///
/// Any thread may call. There is no thread, timer or file watch behind this: what has to be done in
/// time is done when a connection comes, and where none comes nobody misses it.
public final class ServerTls implements AutoCloseable {
  /// When to try again to renew the meta certificate, should it ever fail.
  private static final Duration RETRY = Duration.ofHours(1);

  private final ServerName server;
  private final ServerCertificate certificate;
  private final NodePublicKey relayKey;
  private final TlsEngine engine;
  private final Duration handshakeTimeout;
  private final InstantSource clock;
  private final Consumer<String> log;
  private final ReentrantLock renewal = new ReentrantLock();
  private volatile @Nullable Generation current;

  /// A context, and when its meta certificate was made.
  private record Generation(RelayTlsContext context, Instant made) {
    /// Also where the clock was set back, so that the certificate lies in the future.
    boolean isDue(Instant now) {
      return Duration.between(made, now).abs().compareTo(MetaCertificate.RENEWAL) >= 0;
    }
  }

  private ServerTls(ServerTlsConfig config, NodePublicKey relayKey, Consumer<String> log)
      throws TlsConfigException {
    this.server = ServerName.of(config.hostname());
    this.engine = config.engine() == null ? TlsEngine.choose() : config.engine().orRefuse();
    this.certificate = new ManualCertificate(config, server, log).load();
    this.relayKey = relayKey;
    this.handshakeTimeout = config.handshakeTimeout();
    this.clock = config.clock();
    this.log = log;
    try {
      this.current = newGeneration(clock.instant());
    } catch (SSLException | RuntimeException refused) {
      throw new TlsConfigException(
          "%s cannot serve the certificate of %s: %s"
              .formatted(engine.description(), config.hostname(), Pem.firstLine(rootOf(refused))));
    }
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : rootOf(cause);
  }

  /// Reads the certificate and sets up the engine.
  ///
  /// @param relayKey goes into the meta certificate
  /// @param log gets single lines for the operator: warnings, and the DERP-map entry of a
  ///     self-signed certificate
  /// @throws TlsConfigException if files or settings do not serve
  public static ServerTls start(
      ServerTlsConfig config, NodePublicKey relayKey, Consumer<String> log)
      throws TlsConfigException {
    return new ServerTls(config, relayKey, log);
  }

  /// A handler for one accepted connection, to be first in its pipeline. Who does not add it must
  /// release its engine ([io.netty.util.ReferenceCountUtil#release] of [SslHandler#engine]).
  ///
  /// @throws IllegalStateException after [#close]
  public SslHandler newHandler(ByteBufAllocator allocator) {
    renewIfDue();
    while (true) {
      Generation generation = current;
      if (generation == null) {
        throw new IllegalStateException("TLS is closed");
      }
      SslHandler handler = generation.context.newHandler(allocator);
      if (handler != null) {
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
      }
      // Another thread has swapped the generation between the two lines: there is a newer one.
    }
  }

  /// The engine in words, for the start log.
  public String description() {
    return engine.description();
  }

  /// Makes no more handlers. Connections that are up go on.
  @Override
  public void close() {
    renewal.lock();
    try {
      replace(null);
    } finally {
      renewal.unlock();
    }
  }

  private void renewIfDue() {
    Generation generation = current;
    Instant now = clock.instant();
    if (generation == null || !generation.isDue(now) || !renewal.tryLock()) {
      return; // Who does not get the lock uses the old one while another makes the new.
    }
    try {
      if (generation.equals(current)) {
        renew(generation, now);
      }
    } finally {
      renewal.unlock();
    }
  }

  private void renew(Generation old, Instant now) {
    try {
      replace(newGeneration(now));
    } catch (SSLException | RuntimeException failed) {
      log.accept(
          "tls: cannot renew the meta certificate, trying again in an hour: "
              + Pem.firstLine(failed));
      current = new Generation(old.context, now.minus(MetaCertificate.RENEWAL).plus(RETRY));
    }
  }

  private void replace(@Nullable Generation next) {
    Generation previous = current;
    current = next;
    if (previous != null) {
      previous.context.close();
    }
  }

  private Generation newGeneration(Instant now) throws SSLException {
    List<X509Certificate> chain = new ArrayList<>(certificate.chain());
    chain.add(MetaCertificate.create(relayKey, now));
    X509Certificate[] presented = chain.toArray(new X509Certificate[0]);
    RelayTlsContext context =
        switch (engine) {
          case BORINGSSL -> new BoringSslContext(server, presented, certificate.key());
          case JDK -> new JdkTlsContext(server, presented, certificate.key());
        };
    return new Generation(context, now);
  }
}
