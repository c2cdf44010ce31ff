package dev.derp4j.tls;

import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// What the metrics say about the certificate of one name. Thread-safe.
final class CertificateCounts {
  private final Metrics metrics;
  private final String hostname;
  private final LongAdder renewals = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final AtomicLong end = new AtomicLong(Long.MIN_VALUE);

  /// Both counters are printed from now on, with 0; the end once there is a certificate.
  ///
  /// @param hostname name or address, the value of the label
  CertificateCounts(Metrics metrics, String hostname) {
    this.metrics = metrics;
    this.hostname = hostname;
    metrics.supply(Metric.DERP4J_CERT_RENEWALS, hostname, renewals::sum);
    metrics.supply(Metric.DERP4J_CERT_FAILURES, hostname, failures::sum);
  }

  /// This certificate is served from now on.
  void serving(X509Certificate leaf) {
    Instant notAfter = leaf.getNotAfter().toInstant();
    if (end.getAndSet(notAfter.getEpochSecond()) == Long.MIN_VALUE) {
      metrics.supply(Metric.DERP4J_CERT_EXPIRY, hostname, end::get);
    }
  }

  /// A certificate was obtained, or taken in place of another.
  void renewed() {
    renewals.increment();
  }

  /// One could not be obtained, or was no good.
  void failed() {
    failures.increment();
  }
}
