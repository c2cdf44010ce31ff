package dev.derp4j.testkit;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemGenerationException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;

/// A private key with its certificate chain, leaf first; the authority's own certificate comes
/// last.
public record TestIdentity(PrivateKey key, List<X509Certificate> chain) {
  private static final char[] NO_PASSWORD = {};

  /// How a private key is written into a PEM file.
  public enum KeyForm {
    /// `BEGIN PRIVATE KEY`, for every kind of key.
    PKCS8,
    /// `BEGIN EC PRIVATE KEY`, for elliptic curves only.
    SEC1,
    /// `BEGIN RSA PRIVATE KEY`, for RSA only.
    PKCS1
  }

  /// The certificate itself.
  public X509Certificate leaf() {
    return chain.getFirst();
  }

  /// The chain as PEM.
  public String certificatePem() {
    return pem(chain.toArray());
  }

  /// The private key as PEM.
  ///
  /// @throws IllegalArgumentException if this kind of key has no such form
  public String keyPem(KeyForm form) {
    return switch (form) {
      case PKCS8 -> pem(pkcs8());
      case SEC1 -> pem(sec1());
      case PKCS1 -> pem(pkcs1());
    };
  }

  private PemObjectGenerator pkcs8() {
    try {
      return new JcaPKCS8Generator(key, null);
    } catch (PemGenerationException e) {
      throw new IllegalStateException("no PEM", e);
    }
  }

  /// With the name of the curve, which Java's own encoding leaves to the wrapping.
  private PemObject sec1() {
    if (!(key instanceof ECPrivateKey ec)) {
      throw noForm("SEC 1");
    }
    SubjectPublicKeyInfo point =
        SubjectPublicKeyInfo.getInstance(leaf().getPublicKey().getEncoded());
    return encoded(
        "EC PRIVATE KEY",
        new org.bouncycastle.asn1.sec.ECPrivateKey(
            256, ec.getS(), point.getPublicKeyData(), SECObjectIdentifiers.secp256r1));
  }

  private PemObject pkcs1() {
    if (!(key instanceof RSAPrivateKey)) {
      throw noForm("PKCS #1");
    }
    try {
      return encoded(
          "RSA PRIVATE KEY", PrivateKeyInfo.getInstance(key.getEncoded()).parsePrivateKey());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private IllegalArgumentException noForm(String form) {
    return new IllegalArgumentException(
        "a key for " + key.getAlgorithm() + " has no form of " + form);
  }

  private static PemObject encoded(String label, ASN1Encodable content) {
    try {
      return new PemObject(label, content.toASN1Primitive().getEncoded());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String pem(Object... objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        writer.writeObject(object);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /// Writes `<host>.crt` and `<host>.key` into a directory, as a relay with a manual certificate
  /// reads them.
  public void writeTo(Path directory, String host, KeyForm form) throws IOException {
    Files.writeString(directory.resolve(host + ".crt"), certificatePem());
    Files.writeString(directory.resolve(host + ".key"), keyPem(form));
  }

  /// A context for a test's own TLS server, which shows this identity.
  public SSLContext serverContext() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry("identity", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no server context", e);
    }
  }

  /// Names the subject, not the key.
  @Override
  public String toString() {
    return "TestIdentity[" + leaf().getSubjectX500Principal() + "]";
  }
}
