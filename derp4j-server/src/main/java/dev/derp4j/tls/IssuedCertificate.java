package dev.derp4j.tls;

import dev.derp4j.tls.acme.AcmeException;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// One certificate that an authority issues: asked for when the first client wants it, renewed in
/// the last third of its life, kept on the disk.
///
/// There is one attempt at a time, on the timer's thread. A failed one puts the next off for a
/// minute, and twice as long after each further one, up to half an hour; what is served stays. The
/// log hears of the first failure of each kind in a row, and of the end of it.
///
/// Any thread may call; what is not `final` is guarded by this object's monitor, which is never
/// held while files are read or an authority is asked.
final class IssuedCertificate implements AutoCloseable {
  /// How many connections may wait for a certificate. Each costs memory, and strangers can open
  /// them.
  static final int MAX_WAITING = 1000;

  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);
  private static final Duration MARGIN = Duration.ofMillis(100);

  /// Orders a certificate and waits for it.
  interface Order {
    ServerCertificate obtain() throws AcmeException, TlsConfigException, InterruptedException;
  }

  private final ServerName server;
  private final CertificateSlot slot;
  private final CertificateStore store;
  private final Order order;
  private final CertificateCounts counts;
  private final CertificateTimer timer;
  private final InstantSource clock;
  private final Consumer<String> log;
  private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
  private final Set<Promise<@Nullable Void>> waiting = new HashSet<>();
  private boolean attempting;
  private @Nullable String trouble;

  IssuedCertificate(
      ServerName server,
      CertificateSlot slot,
      CertificateStore store,
      Order order,
      CertificateCounts counts,
      CertificateTimer timer,
      InstantSource clock,
      Consumer<String> log) {
    this.server = server;
    this.slot = slot;
    this.store = store;
    this.order = order;
    this.counts = counts;
    this.timer = timer;
    this.clock = clock;
    this.log = log;
  }

  /// A handler for one connection; null while there is no certificate.
  @Nullable ChannelHandler newHandler(ByteBufAllocator allocator) {
    return slot.newHandler(allocator);
  }

  boolean isThere() {
    return slot.certificate() != null;
  }

  /// Has a certificate made, if there is none and the last failure is long enough ago.
  ///
  /// @return done when there is one, or nothing to wait for; it fails where too many wait already
  ///     or the pause behind a failure is not over
  synchronized Future<@Nullable Void> demand(EventExecutor loop) {
    if (isThere()) {
      return loop.newSucceededFuture(null);
    }
    if (!attempting && backoff.holds(clock.instant())) {
      return loop.newFailedFuture(
          new SSLHandshakeException("the last attempt to get a certificate failed"));
    }
    if (waiting.size() >= MAX_WAITING) {
      return loop.newFailedFuture(new SSLHandshakeException("too many wait for the certificate"));
    }
    Promise<@Nullable Void> promise = loop.newPromise();
    waiting.add(promise);
    attempt();
    return promise;
  }

  /// The connection that waited has gone.
  synchronized void forget(Future<@Nullable Void> promise) {
    waiting.remove(promise);
  }

  /// Renews the certificate if it is time. Called again and again by the timer.
  synchronized void look() {
    ServerCertificate present = slot.certificate();
    if (present != null && isOld(present) && !backoff.holds(clock.instant())) {
      attempt();
    }
  }

  private void attempt() {
    if (!attempting) {
      attempting = true;
      timer.run(this::make);
    }
  }

  /// On the timer's thread.
  private void make() {
    Outcome outcome = new Outcome(null, new AcmeException("stopped", "the relay stops"));
    try {
      outcome = tryOnce();
    } finally {
      done(outcome);
    }
  }

  /// @param got null if it failed
  private record Outcome(@Nullable ServerCertificate got, @Nullable AcmeException failure) {}

  private Outcome tryOnce() {
    try {
      Optional<ServerCertificate> kept = kept();
      if (kept.isPresent()) {
        return new Outcome(kept.get(), null);
      }
      ServerCertificate fresh = order.obtain();
      serve(fresh);
      counts.renewed();
      try {
        store.write(fresh);
      } catch (TlsConfigException unwritten) {
        log.accept("tls: the new certificate is served, but not kept: " + unwritten.getMessage());
      }
      tell(fresh);
      return new Outcome(fresh, null);
    } catch (AcmeException refused) {
      return new Outcome(null, refused);
    } catch (TlsConfigException unusable) {
      return new Outcome(
          null, new AcmeException("unusable", String.valueOf(unusable.getMessage())));
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return new Outcome(null, new AcmeException("stopped", "the relay stops"));
    } catch (RuntimeException fault) {
      return new Outcome(null, new AcmeException("fault", "internal error: " + fault));
    }
  }

  private void tell(ServerCertificate fresh) {
    log.accept(
        "tls: got a certificate for %s, valid until %s".formatted(server.host(), fresh.end()));
    if (server.isAddress()) {
      log.accept(
          "  {\"Name\":\"custom\",\"RegionID\":900,\"HostName\":\"%s\"}".formatted(server.host()));
    }
  }

  /// What another run, or another program that shares the directory, has left there. It is served
  /// if there is nothing else, or if it is younger than what there is.
  ///
  /// @return empty if a new one is to be ordered all the same
  private Optional<ServerCertificate> kept() throws TlsConfigException {
    Optional<ServerCertificate> found;
    try {
      found = store.read();
    } catch (TlsConfigException damaged) {
      log.accept("tls: not used: " + damaged.getMessage());
      return Optional.empty();
    }
    if (found.isEmpty() || !isValid(found.get())) {
      return Optional.empty();
    }
    boolean old = isOld(found.get());
    if (!isThere() || !old) {
      serve(found.get());
      log.accept(
          "tls: serving the certificate for %s from the directory, valid until %s"
              .formatted(server.host(), found.get().end()));
    }
    return old ? Optional.empty() : found;
  }

  /// Serves what is kept, as long as it is valid. Reads files; before the first connection.
  void start() throws TlsConfigException {
    kept();
  }

  private void serve(ServerCertificate certificate) throws TlsConfigException {
    slot.put(certificate);
    counts.serving(certificate.leaf());
  }

  private boolean isValid(ServerCertificate certificate) {
    Instant now = clock.instant();
    return now.isBefore(certificate.end())
        && !now.isBefore(certificate.leaf().getNotBefore().toInstant());
  }

  /// In the last third of its life, or not in its life at all.
  private boolean isOld(ServerCertificate certificate) {
    Instant begin = certificate.leaf().getNotBefore().toInstant();
    Duration third = Duration.between(begin, certificate.end()).dividedBy(3);
    return !isValid(certificate) || clock.instant().isAfter(certificate.end().minus(third));
  }

  private void done(Outcome outcome) {
    List<Promise<@Nullable Void>> released;
    synchronized (this) {
      attempting = false;
      note(outcome.failure());
      released = List.copyOf(waiting);
      waiting.clear();
    }
    released.forEach(each -> each.trySuccess(null));
  }

  private void note(@Nullable AcmeException failure) {
    if (failure == null) {
      backoff.succeeded();
      trouble = null;
      return;
    }
    if (failure.kind().equals("stopped")) {
      return;
    }
    counts.failed();
    Instant now = clock.instant();
    Instant again = backoff.failed(now, failure.retryAfter().orElse(null));
    // Not left to the next regular look, which may come just before.
    timer.after(Duration.between(now, again).plus(MARGIN), this::look);
    if (!failure.kind().equals(trouble)) {
      trouble = failure.kind();
      log.accept(
          "tls: no %scertificate for %s: %s (next attempt not before %s)"
              .formatted(
                  isThere() ? "new " : "",
                  server.host(),
                  failure.getMessage(),
                  again.truncatedTo(ChronoUnit.SECONDS)));
    }
  }

  @Override
  public void close() {
    slot.close();
  }
}
