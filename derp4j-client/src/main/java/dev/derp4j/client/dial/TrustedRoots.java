package dev.derp4j.client.dial;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The certificate authorities of some [DialSettings]: given, or the system's, which are read at
/// the first use.
///
/// Reading them takes some hundred milliseconds and blocks, so it happens on a thread of its own. A
/// failure is not kept: the next dial tries again. Thread-safe.
final class TrustedRoots {
  private @Nullable CompletableFuture<X509TrustManager> roots;

  /// @param given null for the system's
  TrustedRoots(@Nullable X509TrustManager given) {
    this.roots = given == null ? null : CompletableFuture.completedFuture(given);
  }

  /// The roots, or a failure with a [StepFailure].
  synchronized CompletableFuture<X509TrustManager> get() {
    CompletableFuture<X509TrustManager> known = roots;
    if (known == null || known.isCompletedExceptionally()) {
      CompletableFuture<X509TrustManager> reading = new CompletableFuture<>();
      Thread.ofVirtual().name("derp4j-roots").start(() -> read(reading));
      roots = reading;
      return reading;
    }
    return known;
  }

  private static void read(CompletableFuture<X509TrustManager> reading) {
    try {
      reading.complete(SystemRoots.trustManager(System.getenv()));
    } catch (IOException | RuntimeException e) {
      reading.completeExceptionally(new StepFailure(Reasons.of(e)));
    }
  }
}
