package dev.derp4j.tls;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.io.pem.PemObject;

/// The two files of a certificate: `<hostname>.crt` with the chain, `<hostname>.key` with the
/// private key.
record CertificateFiles(Path directory, Path certificate, Path key) {
  static CertificateFiles in(Path directory, ServerName server) {
    String stem = server.fileStem();
    return new CertificateFiles(
        directory, directory.resolve(stem + ".crt"), directory.resolve(stem + ".key"));
  }

  /// Where the successor of a self-signed certificate waits.
  Path next() {
    String name = certificate.getFileName().toString();
    return directory.resolve(name.substring(0, name.length() - ".crt".length()) + ".next.crt");
  }

  boolean certificateExists() {
    return Files.exists(certificate);
  }

  boolean keyExists() {
    return Files.exists(key);
  }

  /// Reads both and makes sure that they belong together and to the server.
  ///
  /// @throws TlsConfigException with the file and its fault
  ServerCertificate read(ServerName server) throws TlsConfigException {
    List<X509Certificate> chain = readChain();
    PrivateKey privateKey = PrivateKeys.read(key);
    X509Certificate leaf = chain.getFirst();
    if (!PrivateKeys.belongTogether(privateKey, leaf.getPublicKey())) {
      throw new TlsConfigException(
          key + ": this private key does not belong to the certificate " + certificate);
    }
    requireName(leaf, server);
    return new ServerCertificate(chain, privateKey);
  }

  /// The certificates of the file, the relay's own first.
  List<X509Certificate> readChain() throws TlsConfigException {
    return readChain(certificate);
  }

  /// The certificates of any file, in its order; at least one.
  static List<X509Certificate> readChain(Path file) throws TlsConfigException {
    List<X509Certificate> chain = new ArrayList<>();
    for (PemObject block : Pem.read(file)) {
      if (block.getType().equals("CERTIFICATE")) {
        chain.add(parse(file, block.getContent(), chain.size() + 1));
      }
    }
    if (chain.isEmpty()) {
      throw new TlsConfigException(file + ": holds no certificate in PEM form");
    }
    return chain;
  }

  private static X509Certificate parse(Path file, byte[] der, int number)
      throws TlsConfigException {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException malformed) {
      throw new TlsConfigException(
          file + ": certificate " + number + " is malformed: " + Pem.firstLine(malformed));
    }
  }

  private void requireName(X509Certificate leaf, ServerName server) throws TlsConfigException {
    CertificateNames names;
    try {
      names = CertificateNames.of(leaf);
    } catch (CertificateParsingException malformed) {
      throw new TlsConfigException(
          certificate + ": its names are malformed: " + Pem.firstLine(malformed));
    }
    if (!names.cover(server)) {
      throw new TlsConfigException(
          certificate + ": is for " + names + ", not for hostname \"" + server.text() + "\"");
    }
  }
}
