package dev.derp4j.tls;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// `-certmode manual`: the operator's certificate, or a self-made one where the hostname is an
/// address without any.
final class ManualCertificate {
  private static final Duration EXPIRY_NOTICE = Duration.ofDays(30);

  private final ServerTlsConfig config;
  private final ServerName server;
  private final Consumer<String> log;
  private final CertificateFiles files;
  private final @Nullable AddressCertificate own;
  private final @Nullable Succession succession;

  ManualCertificate(ServerTlsConfig config, ServerName server, Consumer<String> log) {
    this.config = config;
    this.server = server;
    this.log = log;
    this.files = CertificateFiles.in(config.certDir(), server);
    this.own = server.isAddress() ? new AddressCertificate(files, server) : null;
    this.succession = own == null ? null : new Succession(files, own, config.port(), log);
  }

  /// Reads the certificate and tells the log what the operator should know of it.
  ServerCertificate load() throws TlsConfigException {
    ServerCertificate certificate = own == null ? files.read(server) : loadOrMake(own);
    warnOfDates(certificate.leaf());
    return certificate;
  }

  /// Reads the files again while another certificate is in service. What clients would refuse by
  /// its date is no improvement on what there is.
  ///
  /// @throws TlsConfigException if the files are no good
  ServerCertificate reread() throws TlsConfigException {
    ServerCertificate certificate = files.read(server);
    X509Certificate leaf = certificate.leaf();
    Instant now = config.clock().instant();
    if (isOver(leaf, now)) {
      throw new TlsConfigException(files.certificate() + ": expired on " + certificate.end());
    }
    if (isAhead(leaf, now)) {
      throw new TlsConfigException(
          files.certificate() + ": is valid only from " + leaf.getNotBefore().toInstant() + " on");
    }
    return certificate;
  }

  /// What is to be served in place of this certificate; itself in most cases.
  ServerCertificate succeed(ServerCertificate present) throws TlsConfigException {
    return succession == null ? present : succession.after(present, config.clock().instant());
  }

  /// The files that are read.
  List<Path> watched() {
    return List.of(files.certificate(), files.key());
  }

  /// What clients need in their DERP map; nothing where an authority vouches for the certificate.
  List<String> pinLines(ServerCertificate certificate) {
    if (own == null || !AddressCertificate.vouchesForItself(certificate.leaf())) {
      return List.of();
    }
    return List.of(
        "tls: clients accept this self-signed certificate if their DERP map has the node so:",
        "  " + own.derpMapNode("custom", certificate.leaf(), config.port()));
  }

  private ServerCertificate loadOrMake(AddressCertificate own) throws TlsConfigException {
    Instant now = config.clock().instant();
    if (isMissing(own)) {
      own.create(now);
      log.accept(
          "tls: made a self-signed certificate for %s: %s"
              .formatted(server.host(), files.certificate()));
    }
    ServerCertificate certificate = files.read(server);
    if (isOver(certificate.leaf(), now) && own.isOurs(certificate.leaf())) {
      // Clients refuse it by its date, so nobody loses a connection by the new hash; the old would
      // never work again.
      log.accept(
          "tls: the self-signed certificate expired on %s; made a new one for the same key, clients need the line below"
              .formatted(certificate.leaf().getNotAfter().toInstant()));
      own.certify(certificate.leaf().getPublicKey(), certificate.key(), now);
      certificate = files.read(server);
    }
    pinLines(certificate).forEach(log);
    return certificate;
  }

  private boolean isMissing(AddressCertificate own) throws TlsConfigException {
    if (files.keyExists()) {
      if (!files.certificateExists()) {
        throw new TlsConfigException(
            files.key()
                + ": a private key without its certificate; add "
                + files.certificate().getFileName()
                + ", or move the key away to have both made");
      }
      return false;
    }
    return !files.certificateExists() || own.isOurs(files.readChain().getFirst());
  }

  private void warnOfDates(X509Certificate leaf) {
    Instant now = config.clock().instant();
    Instant end = leaf.getNotAfter().toInstant();
    Instant begin = leaf.getNotBefore().toInstant();
    if (isOver(leaf, now)) {
      log.accept(
          "tls: WARNING: %s expired on %s: clients will refuse it"
              .formatted(files.certificate(), end));
    } else if (isAhead(leaf, now)) {
      log.accept(
          "tls: WARNING: %s is valid only from %s on: clients will refuse it; is this machine's clock right?"
              .formatted(files.certificate(), begin));
    } else if (now.plus(EXPIRY_NOTICE).isAfter(end)) {
      log.accept("tls: WARNING: %s expires on %s".formatted(files.certificate(), end));
    }
  }

  private static boolean isOver(X509Certificate leaf, Instant now) {
    return now.isAfter(leaf.getNotAfter().toInstant());
  }

  private static boolean isAhead(X509Certificate leaf, Instant now) {
    return now.isBefore(leaf.getNotBefore().toInstant());
  }
}
