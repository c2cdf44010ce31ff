package dev.derp4j.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate that vouches for itself, to be filled in and signed.
///
/// Every one of them says that it is no authority (BasicConstraints): macOS wants that said where
/// issuer and subject are the same.
final class SelfSigned {
  private record Addition(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {}

  private final String commonName;
  private final BigInteger serial;
  private final Instant notBefore;
  private final Instant notAfter;
  private final List<Addition> additions = new ArrayList<>();

  /// @param commonName letters, digits, dots and colons
  SelfSigned(String commonName, BigInteger serial, Instant notBefore, Instant notAfter) {
    this.commonName = commonName;
    this.serial = serial;
    this.notBefore = notBefore;
    this.notAfter = notAfter;
    with(Extension.basicConstraints, true, new BasicConstraints(false));
  }

  SelfSigned with(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {
    additions.add(new Addition(type, critical, value));
    return this;
  }

  /// @param algorithm the signature's name in Java, fitting the key
  X509Certificate sign(PublicKey publicKey, PrivateKey privateKey, String algorithm) {
    // Not by the name builder, which holds to X.520's 64 characters: DERP's meta certificate has
    // 71.
    X500Name name =
        new X500Name(new RDN[] {new RDN(BCStyle.CN, new DERPrintableString(commonName))});
    X509v3CertificateBuilder builder =
        new X509v3CertificateBuilder(
            name,
            serial,
            Date.from(notBefore),
            Date.from(notAfter),
            name,
            SubjectPublicKeyInfo.getInstance(publicKey.getEncoded()));
    try {
      for (Addition addition : additions) {
        builder.addExtension(addition.type, addition.critical, addition.value);
      }
      byte[] der =
          builder.build(new JcaContentSignerBuilder(algorithm).build(privateKey)).getEncoded();
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException | OperatorCreationException | IOException broken) {
      throw new IllegalStateException("signing a certificate with " + algorithm, broken);
    }
  }

  /// A fresh pair of an algorithm that every JDK must have.
  static KeyPair newKeys(String algorithm, int size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(size);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this JDK cannot make " + algorithm + " keys", broken);
    }
  }
}
