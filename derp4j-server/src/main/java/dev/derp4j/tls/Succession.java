package dev.derp4j.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How a certificate that this relay signed itself hands over to its successor.
///
/// Clients know such a certificate by its hash alone, so whatever is served must be in their DERP
/// map first. Hence the successor, for the same key, is made 30 days before the end and lies beside
/// its predecessor as `<address>.next.crt`; the log prints the nodes of both, once a day. One day
/// before the end it takes over. An operator who puts both nodes into the region loses nobody.
///
/// Not thread-safe.
final class Succession {
  private static final Duration NOTICE = Duration.ofDays(30);
  private static final Duration TAKEOVER = Duration.ofDays(1);
  private static final Duration REPEAT = Duration.ofDays(1);

  private final CertificateFiles files;
  private final AddressCertificate own;
  private final int port;
  private final Consumer<String> log;
  private @Nullable Instant told;

  Succession(CertificateFiles files, AddressCertificate own, int port, Consumer<String> log) {
    this.files = files;
    this.own = own;
    this.port = port;
    this.log = log;
  }

  /// What is to be served from now on: the same, or the successor, which then has its place.
  ///
  /// @throws TlsConfigException if files cannot be written
  ServerCertificate after(ServerCertificate present, Instant now) throws TlsConfigException {
    if (!own.isOurs(present.leaf()) || now.plus(NOTICE).isBefore(present.end())) {
      return present;
    }
    Optional<X509Certificate> prepared = prepared(present);
    X509Certificate next;
    if (prepared.isPresent()) {
      next = prepared.get();
    } else {
      next = own.make(present.leaf().getPublicKey(), present.key(), now);
      own.write(files.next(), next);
    }
    if (now.plus(TAKEOVER).isBefore(present.end())) {
      announce(present, next, now);
      return present;
    }
    return takeOver(new ServerCertificate(List.of(next), present.key()), present.end());
  }

  /// The successor made earlier, unless it is one of another key or no later than the present one.
  private Optional<X509Certificate> prepared(ServerCertificate present) throws TlsConfigException {
    if (!Files.exists(files.next())) {
      return Optional.empty();
    }
    X509Certificate found = CertificateFiles.readChain(files.next()).getFirst();
    boolean fits =
        own.isOurs(found)
            && found.getPublicKey().equals(present.leaf().getPublicKey())
            && found.getNotAfter().toInstant().isAfter(present.end());
    return fits ? Optional.of(found) : Optional.empty();
  }

  private void announce(ServerCertificate present, X509Certificate next, Instant now) {
    if (told != null && now.isBefore(told.plus(REPEAT))) {
      return;
    }
    told = now;
    log.accept(
        "tls: the self-signed certificate ends on %s; the next one takes over on %s. Clients lose nothing if their DERP map has both nodes in the region by then:"
            .formatted(present.end(), present.end().minus(TAKEOVER)));
    log.accept("  " + own.derpMapNode("custom", present.leaf(), port));
    log.accept("  " + own.derpMapNode("custom-next", next, port));
  }

  private ServerCertificate takeOver(ServerCertificate next, Instant end)
      throws TlsConfigException {
    Path place = files.certificate();
    try {
      Files.move(
          files.next(), place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failed) {
      throw new TlsConfigException(place + ": cannot be written: " + Pem.reason(failed));
    }
    log.accept(
        "tls: the self-signed certificate ends on %s; from now on its successor is served. Clients need this node:"
            .formatted(end));
    log.accept("  " + own.derpMapNode("custom", next.leaf(), port));
    return next;
  }
}
