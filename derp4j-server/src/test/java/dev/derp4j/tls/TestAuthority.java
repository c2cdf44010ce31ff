package dev.derp4j.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// An authority with an intermediate, as public ones are built, that certifies whatever a test
/// needs.
final class TestAuthority {
  private final KeyPair rootKeys = keys("EC", 256);
  private final KeyPair intermediateKeys = keys("EC", 256);
  private final X509Certificate root;
  private final X509Certificate intermediate;

  TestAuthority() throws Exception {
    X500Name rootName = new X500Name("CN=Root");
    X500Name intermediateName = new X500Name("CN=Intermediate");
    Validity validity = Validity.days(-1, 30);
    root =
        sign(
            rootName,
            rootName,
            rootKeys.getPublic(),
            rootKeys.getPrivate(),
            validity,
            true,
            List.of());
    intermediate =
        sign(
            intermediateName,
            rootName,
            intermediateKeys.getPublic(),
            rootKeys.getPrivate(),
            validity,
            true,
            List.of());
  }

  record Validity(Instant from, Instant to) {
    static Validity days(int from, int to) {
      Instant now = Instant.now();
      return new Validity(now.plus(Duration.ofDays(from)), now.plus(Duration.ofDays(to)));
    }
  }

  static KeyPair keys(String algorithm, int size) {
    return SelfSigned.newKeys(algorithm, size);
  }

  X509Certificate root() {
    return root;
  }

  X509Certificate intermediate() {
    return intermediate;
  }

  X509Certificate certify(PublicKey key, Validity validity, String... names) throws Exception {
    return sign(
        new X500Name("CN=Leaf"),
        new X500Name("CN=Intermediate"),
        key,
        intermediateKeys.getPrivate(),
        validity,
        false,
        Arrays.asList(names));
  }

  /// Puts `<stem>.crt` (leaf and intermediate) and `<stem>.key` into the directory.
  X509Certificate install(
      Path directory, String stem, KeyPair keys, Validity validity, String... names)
      throws Exception {
    X509Certificate leaf = certify(keys.getPublic(), validity, names);
    writePem(
        directory.resolve(stem + ".crt"),
        "CERTIFICATE",
        leaf.getEncoded(),
        intermediate.getEncoded());
    writePem(directory.resolve(stem + ".key"), "PRIVATE KEY", keys.getPrivate().getEncoded());
    return leaf;
  }

  X509Certificate install(Path directory, String name) throws Exception {
    return install(directory, name, keys("EC", 256), Validity.days(-1, 90), name);
  }

  static void writePem(Path file, String type, byte[]... contents) throws IOException {
    StringBuilder text = new StringBuilder();
    for (byte[] content : contents) {
      text.append(new String(Pem.write(type, content), java.nio.charset.StandardCharsets.US_ASCII));
    }
    Files.writeString(file, text);
  }

  private static X509Certificate sign(
      X500Name subject,
      X500Name issuer,
      PublicKey key,
      PrivateKey issuerKey,
      Validity validity,
      boolean authority,
      List<String> names)
      throws IOException, OperatorCreationException, GeneralSecurityException {
    X509v3CertificateBuilder builder =
        new X509v3CertificateBuilder(
            issuer,
            BigInteger.valueOf(System.nanoTime()),
            Date.from(validity.from),
            Date.from(validity.to),
            subject,
            SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
    if (!names.isEmpty()) {
      List<GeneralName> alternatives = new ArrayList<>();
      for (String name : names) {
        alternatives.add(
            new GeneralName(
                ServerName.parseAddress(name) == null ? GeneralName.dNSName : GeneralName.iPAddress,
                name));
      }
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(alternatives.toArray(new GeneralName[0])));
    }
    byte[] der =
        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey)).getEncoded();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }
}
