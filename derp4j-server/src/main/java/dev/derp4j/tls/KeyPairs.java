package dev.derp4j.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;

/// Keys with their public halves, and the form in which the Go original writes them.
final class KeyPairs {
  private static final int P256_BITS = 256;

  private KeyPairs() {}

  static KeyPair newP256() {
    return SelfSigned.newKeys("EC", P256_BITS);
  }

  /// The pair that a private key is half of.
  ///
  /// @param file for the error's text
  static KeyPair of(PrivateKey key, Path file) throws TlsConfigException {
    try {
      return new KeyPair(publicOf(key), key);
    } catch (GeneralSecurityException | RuntimeException unusable) {
      throw new TlsConfigException(file + ": not a key for an ACME account (EC or RSA)");
    }
  }

  private static PublicKey publicOf(PrivateKey key) throws GeneralSecurityException {
    return switch (key) {
      case RSAPrivateCrtKey rsa ->
          KeyFactory.getInstance("RSA")
              .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
      case ECPrivateKey ec -> {
        X9ECParameters curve = ECNamedCurveTable.getByOID(curveOf(ec));
        var point = curve.getG().multiply(ec.getS()).normalize();
        ECPoint affine =
            new ECPoint(
                point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
        yield KeyFactory.getInstance("EC")
            .generatePublic(new ECPublicKeySpec(affine, ec.getParams()));
      }
      default -> throw new GeneralSecurityException(key.getAlgorithm());
    };
  }

  private static ASN1ObjectIdentifier curveOf(ECPrivateKey key) {
    return ASN1ObjectIdentifier.getInstance(
        PrivateKeyInfo.getInstance(key.getEncoded()).getPrivateKeyAlgorithm().getParameters());
  }

  /// SEC1 (RFC 5915) with curve and public key, as Go writes it.
  static byte[] sec1(KeyPair keys) {
    ECPrivateKey key = (ECPrivateKey) keys.getPrivate();
    int bits = ((ECPublicKey) keys.getPublic()).getParams().getOrder().bitLength();
    DERBitString point =
        new DERBitString(
            SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded())
                .getPublicKeyData()
                .getBytes());
    try {
      return new org.bouncycastle.asn1.sec.ECPrivateKey(bits, key.getS(), point, curveOf(key))
          .getEncoded();
    } catch (IOException impossible) {
      throw new IllegalStateException("writing to memory", impossible);
    }
  }

  /// The same for the key of a certificate that was issued for one of [#newP256].
  static byte[] sec1(ServerCertificate certificate) {
    return sec1(new KeyPair(certificate.leaf().getPublicKey(), certificate.key()));
  }
}
