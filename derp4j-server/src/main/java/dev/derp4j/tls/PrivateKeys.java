package dev.derp4j.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemHeader;
import org.bouncycastle.util.io.pem.PemObject;

/// Private keys in the three forms that tools write: PKCS#8, SEC1 (`EC PRIVATE KEY`), PKCS#1 (`RSA
/// PRIVATE KEY`).
final class PrivateKeys {
  private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS =
      Map.of(
          PKCSObjectIdentifiers.rsaEncryption, "RSA",
          X9ObjectIdentifiers.id_ecPublicKey, "EC",
          EdECObjectIdentifiers.id_Ed25519, "Ed25519");
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "Ed25519");

  private PrivateKeys() {}

  /// The first private key of the file.
  static PrivateKey read(Path file) throws TlsConfigException {
    List<PemObject> blocks = Pem.read(file);
    Optional<PemObject> block = blocks.stream().filter(PrivateKeys::isKey).findFirst();
    if (block.isEmpty()) {
      throw new TlsConfigException(file + ": holds no private key in PEM form");
    }
    if (isEncrypted(block.get())) {
      throw new TlsConfigException(
          file + ": the private key is encrypted; it is needed without a passphrase");
    }
    try {
      return decode(block.get());
    } catch (GeneralSecurityException | IOException | RuntimeException unusable) {
      // The cause's words are left out: a parser may quote what it failed on.
      throw new TlsConfigException(
          file + ": not a private key that TLS can use (RSA, EC P-256/384/521, Ed25519)");
    }
  }

  private static boolean isKey(PemObject block) {
    return block.getType().equals("PRIVATE KEY") || block.getType().endsWith(" PRIVATE KEY");
  }

  private static boolean isEncrypted(PemObject block) {
    @SuppressWarnings("unchecked") // Raw in Bouncy Castle, and holds nothing else.
    List<PemHeader> headers = block.getHeaders();
    return block.getType().startsWith("ENCRYPTED")
        || headers.stream().anyMatch(header -> header.getValue().contains("ENCRYPTED"));
  }

  private static PrivateKey decode(PemObject block) throws GeneralSecurityException, IOException {
    PrivateKeyInfo info =
        switch (block.getType()) {
          case "RSA PRIVATE KEY" ->
              info(
                  PKCSObjectIdentifiers.rsaEncryption,
                  DERNull.INSTANCE,
                  RSAPrivateKey.getInstance(block.getContent()));
          case "EC PRIVATE KEY" -> {
            ECPrivateKey key = ECPrivateKey.getInstance(block.getContent());
            yield info(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject(), key);
          }
          default -> PrivateKeyInfo.getInstance(block.getContent());
        };
    String algorithm = ALGORITHMS.get(info.getPrivateKeyAlgorithm().getAlgorithm());
    if (algorithm == null) {
      throw new GeneralSecurityException("unknown algorithm");
    }
    return KeyFactory.getInstance(algorithm)
        .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }

  private static PrivateKeyInfo info(
      ASN1ObjectIdentifier algorithm, ASN1Object parameters, ASN1Object key) throws IOException {
    return new PrivateKeyInfo(new AlgorithmIdentifier(algorithm, parameters), key);
  }

  /// The signature that certificates made with this key bear, by its name in Java.
  static String signatureFor(PrivateKey key) {
    String algorithm = SIGNATURES.get(key.getAlgorithm());
    if (algorithm == null) {
      throw new IllegalArgumentException(key.getAlgorithm());
    }
    return algorithm;
  }

  /// Whether the two are halves of one key pair: what one signs, the other verifies.
  static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
    String algorithm = SIGNATURES.get(key.getAlgorithm());
    if (algorithm == null || !key.getAlgorithm().equals(publicKey.getAlgorithm())) {
      return false;
    }
    byte[] probe = new byte[32];
    new SecureRandom().nextBytes(probe);
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signature = signer.sign();
      signer.initVerify(publicKey);
      signer.update(probe);
      return signer.verify(signature);
    } catch (GeneralSecurityException differentKinds) {
      return false;
    }
  }
}
