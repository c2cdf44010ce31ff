package dev.derp4j.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/// The certificate of a relay that has an address and no name: it vouches for itself, and clients
/// know it by its hash, which they find in their DERP map.
final class AddressCertificate {
  /// A year: more is refused by the TLS of macOS.
  private static final Duration VALIDITY = Duration.ofDays(365);

  /// For clients whose clock is slow.
  private static final Duration HEAD_START = Duration.ofHours(1);

  private static final int SERIAL_BITS = 127;
  private static final int P256_BITS = 256;

  private final CertificateFiles files;
  private final String host;
  private final InetAddress address;

  /// @param server one with an address
  AddressCertificate(CertificateFiles files, ServerName server) {
    this.files = files;
    this.host = server.host();
    this.address = Objects.requireNonNull(server.address(), "not an address");
  }

  /// Makes key and certificate and writes both: the certificate first, so that a crash in between
  /// leaves one of ours without its key, which is worth nothing, and never a key of which nobody
  /// knows what it was for.
  void create(Instant now) throws TlsConfigException {
    KeyPair keys = SelfSigned.newKeys("EC", P256_BITS);
    certify(keys.getPublic(), keys.getPrivate(), now);
    write(files.key(), Pem.write("PRIVATE KEY", keys.getPrivate().getEncoded()), "rw-------");
  }

  /// Writes a new certificate for keys that are there.
  void certify(PublicKey publicKey, PrivateKey privateKey, Instant now) throws TlsConfigException {
    write(files.certificate(), make(publicKey, privateKey, now));
  }

  /// Makes a certificate and keeps it to itself.
  X509Certificate make(PublicKey publicKey, PrivateKey privateKey, Instant now) {
    return new SelfSigned(
            host,
            new BigInteger(SERIAL_BITS, new SecureRandom()),
            now.minus(HEAD_START),
            now.plus(VALIDITY))
        .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .with(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
        .with(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                new GeneralName(GeneralName.iPAddress, new DEROctetString(address.getAddress()))))
        .sign(publicKey, privateKey, PrivateKeys.signatureFor(privateKey));
  }

  void write(Path file, X509Certificate certificate) throws TlsConfigException {
    write(file, Pem.write("CERTIFICATE", encoded(certificate)), "rw-r--r--");
  }

  /// Whether the certificate is one of those made here, or by the original in the same place.
  boolean isOurs(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName();
    return vouchesForItself(certificate)
        && subject.startsWith("CN=")
        && address.equals(ServerName.parseAddress(subject.substring("CN=".length())));
  }

  /// Whether clients have nothing but its hash to know it by.
  static boolean vouchesForItself(X509Certificate certificate) {
    if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
      return false;
    }
    try {
      certificate.verify(certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException signedByAnother) {
      return false;
    }
  }

  /// The node's entry in a DERP map, ready to paste.
  ///
  /// @param name the node's, unique in its region
  /// @param port left out where it is unknown or the one clients assume
  String derpMapNode(String name, X509Certificate leaf, int port) {
    String derpPort = port == 0 || port == 443 ? "" : ",\"DERPPort\":" + port;
    return "{\"Name\":\"%s\",\"RegionID\":900,\"HostName\":\"%s\",\"CertName\":\"sha256-raw:%s\"%s}"
        .formatted(name, host, sha256(leaf), derpPort);
  }

  static String sha256(X509Certificate certificate) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(encoded(certificate));
      return HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException impossible) {
      throw new IllegalStateException("a parsed certificate has its bytes", impossible);
    }
  }

  private void write(Path file, byte[] pem, String permissions) throws TlsConfigException {
    try {
      AtomicFile.makeDirectory(files.directory());
      AtomicFile.write(files.directory(), file, pem, permissions);
    } catch (IOException failed) {
      throw new TlsConfigException(file + ": cannot be written: " + Pem.reason(failed));
    }
  }
}
