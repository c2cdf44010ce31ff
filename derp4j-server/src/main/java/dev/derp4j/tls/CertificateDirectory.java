package dev.derp4j.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// The directory with issued certificates, laid out as the Go original has it, so that either can
/// take over from the other.
///
/// ```
/// <hostname>          EC PRIVATE KEY, then CERTIFICATE…: the form of Go's autocert; mode 0600
/// acme_account+key    EC PRIVATE KEY of the account for the hostname; 0600
/// <ip>.crt, <ip>.key  of an address, its colons turned into dots; 0644 and 0600
/// acme-account.key    EC PRIVATE KEY of the account for addresses; 0600
/// ```
///
/// What else autocert keeps there is left alone: `<hostname>+rsa`, for clients that know
/// no elliptic curves, which no client of a DERP relay is.
record CertificateDirectory(Path path) {
  private static final String PRIVATE = "rw-------";
  private static final String PUBLIC = "rw-r--r--";
  private static final String SEC1 = "EC PRIVATE KEY";

  /// Autocert's place for a host's certificate and key.
  CertificateStore ofHost(ServerName host) {
    return new OneFile(path, path.resolve(host.host()), host);
  }

  /// The two files of an address.
  CertificateStore ofAddress(ServerName address) {
    String stem = address.host().replace(':', '.');
    return new TwoFiles(
        new CertificateFiles(path, path.resolve(stem + ".crt"), path.resolve(stem + ".key")),
        address);
  }

  /// The account for the hostname, made if missing.
  KeyPair hostAccount() throws TlsConfigException {
    Path legacy = path.resolve("acme_account.key");
    Path file = path.resolve("acme_account+key");
    return account(!Files.exists(file) && Files.exists(legacy) ? legacy : file);
  }

  /// The account for addresses, made if missing.
  KeyPair addressAccount() throws TlsConfigException {
    return account(path.resolve("acme-account.key"));
  }

  private KeyPair account(Path file) throws TlsConfigException {
    if (Files.exists(file)) {
      return KeyPairs.of(PrivateKeys.read(file), file);
    }
    KeyPair made = KeyPairs.newP256();
    write(path, file, Pem.write(SEC1, KeyPairs.sec1(made)), PRIVATE);
    return made;
  }

  private static void write(Path directory, Path file, byte[] content, String permissions)
      throws TlsConfigException {
    try {
      AtomicFile.makeDirectory(directory);
      AtomicFile.write(directory, file, content, permissions);
    } catch (IOException failed) {
      throw new TlsConfigException(file + ": cannot be written: " + Pem.reason(failed));
    }
  }

  private static byte[] pem(List<X509Certificate> chain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    chain.forEach(
        each -> out.writeBytes(Pem.write("CERTIFICATE", AddressCertificate.encoded(each))));
    return out.toByteArray();
  }

  private record OneFile(Path directory, Path file, ServerName host) implements CertificateStore {
    @Override
    public Optional<ServerCertificate> read() throws TlsConfigException {
      return Files.exists(file)
          ? Optional.of(new CertificateFiles(directory, file, file).read(host))
          : Optional.empty();
    }

    @Override
    public void write(ServerCertificate certificate) throws TlsConfigException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(Pem.write(SEC1, KeyPairs.sec1(certificate)));
      out.writeBytes(pem(certificate.chain()));
      CertificateDirectory.write(directory, file, out.toByteArray(), PRIVATE);
    }
  }

  private record TwoFiles(CertificateFiles files, ServerName address) implements CertificateStore {
    @Override
    public Optional<ServerCertificate> read() throws TlsConfigException {
      return files.certificateExists() && files.keyExists()
          ? Optional.of(files.read(address))
          : Optional.empty();
    }

    /// The key first: a crash in between leaves a pair that does not belong together, and is
    /// ordered anew, as in the original.
    @Override
    public void write(ServerCertificate certificate) throws TlsConfigException {
      byte[] key = Pem.write(SEC1, KeyPairs.sec1(certificate));
      CertificateDirectory.write(files.directory(), files.key(), key, PRIVATE);
      CertificateDirectory.write(
          files.directory(), files.certificate(), pem(certificate.chain()), PUBLIC);
    }
  }
}
