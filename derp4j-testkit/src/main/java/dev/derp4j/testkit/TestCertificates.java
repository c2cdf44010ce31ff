package dev.derp4j.testkit;

import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority for tests, and whom a test may trust.
///
/// ```java
/// TestCertificates authority = TestCertificates.create();
/// TestIdentity relay = authority.issue("derp.test", "127.0.0.1");
/// relay.writeTo(directory, "derp.test", TestIdentity.KeyForm.SEC1);
/// TlsSettings client = TlsSettings.verifying(authority.trust(), "derp.test");
/// ```
///
/// Keys are made anew each time and live no longer than the test. Thread-safe.
public final class TestCertificates {
  /// The kind of key that a certificate is for.
  public enum KeyKind {
    /// Elliptic curve P-256.
    EC("SHA256withECDSA"),
    /// RSA of 2048 bits.
    RSA("SHA256withRSA");

    private final String signature;

    KeyKind(String signature) {
      this.signature = signature;
    }

    KeyPair make() throws GeneralSecurityException {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(name());
      generator.initialize(
          switch (this) {
            case EC -> new ECGenParameterSpec("secp256r1");
            case RSA -> new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4);
          });
      return generator.generateKeyPair();
    }
  }

  private static final Duration VALIDITY = Duration.ofDays(90);

  private final X500Name name;
  private final PrivateKey key;
  private final X509Certificate certificate;

  private TestCertificates(X500Name name, PrivateKey key, X509Certificate certificate) {
    this.name = name;
    this.key = key;
    this.certificate = certificate;
  }

  /// A new authority with a key on P-256.
  public static TestCertificates create() {
    try {
      KeyPair pair = KeyKind.EC.make();
      X500Name name = commonName("derp4j test authority");
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          builder(name, name, pair, now.minus(VALIDITY), now.plus(VALIDITY));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      return new TestCertificates(
          name, pair.getPrivate(), signed(builder, KeyKind.EC, pair.getPrivate()));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("no test authority", e);
    }
  }

  /// A certificate on P-256 for these DNS names and IP addresses, valid now.
  public TestIdentity issue(String... names) {
    return issue(KeyKind.EC, Instant.now().minus(VALIDITY), Instant.now().plus(VALIDITY), names);
  }

  /// A certificate with an RSA key for these DNS names and IP addresses, valid now.
  public TestIdentity issueRsa(String... names) {
    return issue(KeyKind.RSA, Instant.now().minus(VALIDITY), Instant.now().plus(VALIDITY), names);
  }

  /// A certificate for these DNS names and IP addresses, valid when you say; the first name is the
  /// subject too.
  public TestIdentity issue(KeyKind kind, Instant from, Instant until, String... names) {
    try {
      KeyPair pair = kind.make();
      JcaX509v3CertificateBuilder builder = builder(name, commonName(names[0]), pair, from, until);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(names));
      return new TestIdentity(
          pair.getPrivate(), List.of(signed(builder, KeyKind.EC, key), certificate));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("no test certificate for " + Arrays.toString(names), e);
    }
  }

  /// A certificate on P-256 that vouches for itself.
  public static TestIdentity selfSigned(String... names) {
    try {
      KeyPair pair = KeyKind.EC.make();
      X500Name subject = commonName(names[0]);
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          builder(subject, subject, pair, now.minus(VALIDITY), now.plus(VALIDITY));
      builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(names));
      return new TestIdentity(
          pair.getPrivate(), List.of(signed(builder, KeyKind.EC, pair.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("no test certificate for " + Arrays.toString(names), e);
    }
  }

  private static X500Name commonName(String name) {
    return new X500NameBuilder().addRDN(BCStyle.CN, name).build();
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, KeyPair pair, Instant from, Instant until) {
    BigInteger serial = new BigInteger(127, new SecureRandom());
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(from), Date.from(until), subject, pair.getPublic());
  }

  private static X509Certificate signed(
      JcaX509v3CertificateBuilder builder, KeyKind signer, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder(signer.signature).build(key)));
  }

  private static GeneralNames alternativeNames(String... names) {
    return new GeneralNames(
        Arrays.stream(names)
            .map(
                name ->
                    new GeneralName(
                        isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
            .toArray(GeneralName[]::new));
  }

  private static boolean isAddress(String name) {
    return name.contains(":") || name.matches("[0-9.]+");
  }

  /// The authority's own certificate.
  public X509Certificate certificate() {
    return certificate;
  }

  /// A client's context that trusts this authority and nobody else.
  public SSLContext trust() {
    return trust(certificate);
  }

  /// A client's context that trusts only what these certificates vouch for.
  public static SSLContext trust(X509Certificate... roots) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (X509Certificate root : roots) {
        store.setCertificateEntry(root.getSerialNumber().toString(), root);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return context(factory.getTrustManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no trust store", e);
    }
  }

  /// A client's context that trusts everyone.
  public static SSLContext trustAll() {
    try {
      return context(new TrustManager[] {new TrustAll()});
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no TLS", e);
    }
  }

  private static SSLContext context(TrustManager[] trust) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust, null);
    return context;
  }

  /// The extended kind, because Java checks names behind the back of a plain one.
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
