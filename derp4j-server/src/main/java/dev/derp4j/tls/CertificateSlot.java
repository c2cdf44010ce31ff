package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The certificate that is served for one name, and the context made of it. Empty until the first
/// one is put in; a later one takes the place of an earlier for new connections, while those that
/// are up keep the context they began with.
///
/// Behind the chain goes the [MetaCertificate], which lives 30 days; so the first accept after ten
/// days sets up a fresh context of the same certificate.
///
/// Any thread may call.
final class CertificateSlot implements AutoCloseable {
  /// When to try again to renew the meta certificate, should it ever fail.
  private static final Duration RETRY = Duration.ofHours(1);

  private final TlsContexts contexts;
  private final ServerName server;
  private final InstantSource clock;
  private final Consumer<String> log;
  private final ReentrantLock change = new ReentrantLock();
  private volatile @Nullable Generation current;
  private boolean closed;

  /// A context, what it serves, and when its meta certificate was made.
  private record Generation(RelayTlsContext context, ServerCertificate certificate, Instant made) {
    /// Also where the clock was set back, so that the certificate lies in the future.
    boolean isDue(Instant now) {
      return Duration.between(made, now).abs().compareTo(MetaCertificate.RENEWAL) >= 0;
    }
  }

  CertificateSlot(
      TlsContexts contexts, ServerName server, InstantSource clock, Consumer<String> log) {
    this.contexts = contexts;
    this.server = server;
    this.clock = clock;
    this.log = log;
  }

  /// What is served; null while there is nothing.
  @Nullable ServerCertificate certificate() {
    Generation generation = current;
    return generation == null ? null : generation.certificate;
  }

  /// Serves this certificate from now on.
  ///
  /// @throws TlsConfigException if the engine has no use for it; what was served stays
  void put(ServerCertificate certificate) throws TlsConfigException {
    Instant now = clock.instant();
    RelayTlsContext context;
    try {
      context = contexts.serving(server, certificate, now);
    } catch (SSLException | RuntimeException refused) {
      throw new TlsConfigException(
          "%s cannot serve the certificate of %s: %s"
              .formatted(
                  contexts.engine().description(), server.text(), Pem.firstLine(rootOf(refused))));
    }
    change.lock();
    try {
      replace(new Generation(context, certificate, now));
    } finally {
      change.unlock();
    }
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : rootOf(cause);
  }

  /// A handler for one connection; null while there is no certificate, and after [#close].
  @Nullable ChannelHandler newHandler(ByteBufAllocator allocator) {
    renewMetaIfDue();
    while (true) {
      Generation generation = current;
      if (generation == null) {
        return null;
      }
      ChannelHandler handler = generation.context.newHandler(allocator);
      if (handler != null) {
        return handler;
      }
      // Another thread has swapped the generation between the two lines: there is a newer one.
    }
  }

  /// Makes no more handlers. Connections that are up go on.
  @Override
  public void close() {
    change.lock();
    try {
      closed = true;
      replace(null);
    } finally {
      change.unlock();
    }
  }

  private void renewMetaIfDue() {
    Generation generation = current;
    Instant now = clock.instant();
    if (generation == null || !generation.isDue(now) || !change.tryLock()) {
      return; // Who does not get the lock uses the old one while another makes the new.
    }
    try {
      if (generation.equals(current)) {
        renewMeta(generation, now);
      }
    } finally {
      change.unlock();
    }
  }

  private void renewMeta(Generation old, Instant now) {
    try {
      RelayTlsContext context = contexts.serving(server, old.certificate, now);
      replace(new Generation(context, old.certificate, now));
    } catch (SSLException | RuntimeException failed) {
      log.accept(
          "tls: cannot renew the meta certificate, trying again in an hour: "
              + Pem.firstLine(failed));
      current =
          new Generation(
              old.context, old.certificate, now.minus(MetaCertificate.RENEWAL).plus(RETRY));
    }
  }

  private void replace(@Nullable Generation next) {
    if (closed && next != null) {
      next.context.close();
      return;
    }
    Generation previous = current;
    current = next;
    if (previous != null) {
      previous.context.close();
    }
  }
}
