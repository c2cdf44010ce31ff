package dev.derp4j.client.dial;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The certificate authorities that this system trusts, from the PEM files where Linux keeps them.
///
/// Operators add their own authority to the system's store, or name it in `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` (directories parted by colons), as for Go programs; the JDK's own store knows
/// nothing of either. It is used only if neither variable is set and the system has no roots. As
/// in Go, each variable takes the place of its own kind: beside the file of `SSL_CERT_FILE` the
/// system's directories are still read, unless `SSL_CERT_DIR` names others.
///
/// What the system installed is read leniently: a certificate that the JDK cannot read is passed
/// over. What a variable names must be readable and hold a certificate. Reads files: not for an
/// event loop.
public final class SystemRoots {
  private static final List<Path> FILES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"),
          Path.of("/etc/pki/tls/cacert.pem"),
          Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
          Path.of("/etc/ssl/cert.pem"));
  private static final List<Path> DIRECTORIES =
      List.of(Path.of("/etc/ssl/certs"), Path.of("/etc/pki/tls/certs"));
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----");

  private SystemRoots() {}

  /// The roots as a trust manager.
  ///
  /// @param environment the process's environment variables
  /// @throws IOException if what a variable names cannot be read or holds no certificate; its
  ///     message is one line for the operator
  public static X509TrustManager trustManager(Map<String, String> environment) throws IOException {
    try {
      return trusting(certificates(environment, FILES, DIRECTORIES));
    } catch (GeneralSecurityException e) {
      throw new IOException("system roots: " + e.getMessage(), e);
    }
  }

  /// The roots that the variables name, or those of the first readable file and all directories.
  static Set<X509Certificate> certificates(
      Map<String, String> environment, List<Path> files, List<Path> directories)
      throws IOException, CertificateException {
    String file = environment.getOrDefault("SSL_CERT_FILE", "");
    String directory = environment.getOrDefault("SSL_CERT_DIR", "");
    Set<X509Certificate> roots = new LinkedHashSet<>();
    if (!file.isEmpty()) {
      addNamed(roots, "SSL_CERT_FILE", file);
    } else {
      addFirst(roots, files);
    }
    if (!directory.isEmpty()) {
      for (String each : directory.split(":")) {
        addNamed(roots, "SSL_CERT_DIR", each);
      }
    } else {
      for (Path each : directories) {
        if (Files.isDirectory(each)) {
          addDirectory(roots, each);
        }
      }
    }
    return roots;
  }

  private static void addNamed(Set<X509Certificate> roots, String variable, String name)
      throws IOException, CertificateException {
    Set<X509Certificate> found = new LinkedHashSet<>();
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        addDirectory(found, path);
      } else {
        addFile(found, path);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(variable + ": cannot read " + name, e);
    }
    if (found.isEmpty()) {
      throw new IOException(variable + ": no certificate in " + name);
    }
    roots.addAll(found);
  }

  private static void addFirst(Set<X509Certificate> roots, List<Path> files)
      throws IOException, CertificateException {
    for (Path file : files) {
      if (Files.isRegularFile(file) && Files.isReadable(file)) {
        addFile(roots, file);
        return;
      }
    }
  }

  private static void addDirectory(Set<X509Certificate> roots, Path directory)
      throws IOException, CertificateException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry) && Files.isReadable(entry)) {
          addFile(roots, entry);
        }
      }
    }
  }

  private static void addFile(Set<X509Certificate> roots, Path file)
      throws IOException, CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    Matcher blocks = CERTIFICATE.matcher(text);
    while (blocks.find()) {
      X509Certificate root = decode(factory, blocks.group(1));
      if (root != null) {
        roots.add(root);
      }
    }
  }

  private static @Nullable X509Certificate decode(CertificateFactory factory, String base64) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException | IllegalArgumentException e) {
      return null;
    }
  }

  /// Trust in these roots, or in the JDK's own if there are none.
  static X509TrustManager trusting(Collection<X509Certificate> roots)
      throws GeneralSecurityException, IOException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(roots.isEmpty() ? null : keyStore(roots));
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509;
      }
    }
    throw new GeneralSecurityException("the JDK offers no X.509 trust manager");
  }

  private static KeyStore keyStore(Collection<X509Certificate> roots)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int index = 0;
    for (X509Certificate root : roots) {
      store.setCertificateEntry("root-" + index++, root);
    }
    return store;
  }
}
