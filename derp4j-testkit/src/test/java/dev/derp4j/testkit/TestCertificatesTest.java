package dev.derp4j.testkit;

import dev.derp4j.testkit.TestIdentity.KeyForm;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TestCertificatesTest {
  private static final TestCertificates AUTHORITY = TestCertificates.create();

  @Test
  void theAuthorityVouchesForItsCertificates() throws Exception {
    for (TestIdentity identity :
        new TestIdentity[] {
          AUTHORITY.issue("a.test", "127.0.0.1", "::1"), AUTHORITY.issueRsa("b.test")
        }) {
      identity.leaf().verify(AUTHORITY.certificate().getPublicKey());
      identity.leaf().checkValidity();
      assertThat(identity.chain()).endsWith(AUTHORITY.certificate());
    }
    assertThat(AUTHORITY.issueRsa("b.test").key().getAlgorithm()).isEqualTo("RSA");
  }

  @Test
  void namesAndAddressesAreAlternativeNamesOfTheirKind() throws CertificateException {
    assertThat(AUTHORITY.issue("a.test", "127.0.0.1").leaf().getSubjectAlternativeNames())
        .anySatisfy(name -> assertThat(name.toString()).isEqualTo("[2, a.test]"))
        .anySatisfy(name -> assertThat(name.toString()).isEqualTo("[7, 127.0.0.1]"));
  }

  @Test
  void aCertificateExpiresWhenItIsTold() {
    Instant now = Instant.now();
    TestIdentity old =
        AUTHORITY.issue(
            TestCertificates.KeyKind.EC,
            now.minus(Duration.ofDays(9)),
            now.minus(Duration.ofDays(1)),
            "old.test");
    assertThatThrownBy(() -> old.leaf().checkValidity())
        .isInstanceOf(CertificateExpiredException.class);
  }

  @Test
  void aSelfSignedCertificateVouchesForItself() throws Exception {
    TestIdentity self = TestCertificates.selfSigned("127.0.0.1");
    self.leaf().verify(self.leaf().getPublicKey());
    assertThat(self.chain()).hasSize(1);
  }

  @Test
  void keysAreWrittenInEveryForm(@TempDir Path directory) throws IOException {
    TestIdentity ec = AUTHORITY.issue("ec.test");
    TestIdentity rsa = AUTHORITY.issueRsa("rsa.test");
    ec.writeTo(directory, "ec.test", KeyForm.SEC1);
    rsa.writeTo(directory, "rsa.test", KeyForm.PKCS1);

    assertThat(Files.readString(directory.resolve("ec.test.key")))
        .startsWith("-----BEGIN EC PRIVATE KEY-----");
    assertThat(Files.readString(directory.resolve("rsa.test.key")))
        .startsWith("-----BEGIN RSA PRIVATE KEY-----");
    assertThat(Files.readString(directory.resolve("ec.test.crt")).split("BEGIN CERTIFICATE", -1))
        .hasSize(3);
    assertThat(ec.keyPem(KeyForm.PKCS8)).startsWith("-----BEGIN PRIVATE KEY-----");
    for (String pem : Stream.of(ec.keyPem(KeyForm.SEC1), ec.keyPem(KeyForm.PKCS8)).toList()) {
      assertThat(((ECPrivateKey) privateKey(pem)).getS())
          .isEqualTo(((ECPrivateKey) ec.key()).getS());
      assertThat(((ECPrivateKey) privateKey(pem)).getParams().getOrder().bitLength())
          .isEqualTo(256);
    }
    for (String pem : Stream.of(rsa.keyPem(KeyForm.PKCS1), rsa.keyPem(KeyForm.PKCS8)).toList()) {
      assertThat(privateKey(pem)).isEqualTo(rsa.key());
    }
    assertThatThrownBy(() -> ec.keyPem(KeyForm.PKCS1)).isInstanceOf(IllegalArgumentException.class);
  }

  private static Object privateKey(String pem) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      Object read = parser.readObject();
      PrivateKeyInfo info =
          read instanceof PEMKeyPair pair ? pair.getPrivateKeyInfo() : (PrivateKeyInfo) read;
      return new JcaPEMKeyConverter().getPrivateKey(info);
    }
  }
}
