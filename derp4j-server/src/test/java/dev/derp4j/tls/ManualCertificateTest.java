package dev.derp4j.tls;

import dev.derp4j.tls.TestAuthority.Validity;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// What is read, what is refused and with which words, what is made where nothing is.
final class ManualCertificateTest {
  private static final String HOST = "derp.example.com";
  private static final String ADDRESS = "192.0.2.7";

  @TempDir Path directory;
  private final TestAuthority authority;
  private final TravellingClock clock = new TravellingClock();
  private final List<String> log = new ArrayList<>();

  ManualCertificateTest() throws Exception {
    authority = new TestAuthority();
  }

  private ServerCertificate load(Path certDir, String hostname, int port)
      throws TlsConfigException {
    ServerTlsConfig config =
        ServerTlsConfig.manual(certDir, hostname).withPort(port).withClock(clock);
    return new ManualCertificate(config, ServerName.of(hostname), log::add).load();
  }

  private ServerCertificate load(String hostname) throws TlsConfigException {
    return load(directory, hostname, 443);
  }

  private void assertRefused(String hostname, String... words) {
    assertThatThrownBy(() -> load(hostname))
        .isInstanceOf(TlsConfigException.class)
        .hasMessageContainingAll(words)
        .hasMessageNotContaining("\n")
        .hasNoCause();
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  @Test
  void the_chain_is_read_in_its_order_and_nothing_is_said_of_a_good_one() throws Exception {
    X509Certificate leaf = authority.install(directory, HOST);

    assertThat(load(HOST).chain()).containsExactly(leaf, authority.intermediate());
    assertThat(log).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"EC, 256, EC PRIVATE KEY", "RSA, 2048, RSA PRIVATE KEY"})
  void keys_in_the_older_forms_are_read(String algorithm, int size, String type) throws Exception {
    KeyPair keys = TestAuthority.keys(algorithm, size);
    authority.install(directory, HOST, keys, Validity.days(-1, 90), HOST);
    byte[] inner =
        PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded())
            .parsePrivateKey()
            .toASN1Primitive()
            .getEncoded();
    if (algorithm.equals("EC")) {
      var bare = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(inner);
      inner =
          new org.bouncycastle.asn1.sec.ECPrivateKey(
                  size, bare.getKey(), SECObjectIdentifiers.secp256r1)
              .getEncoded();
    }
    String parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    Files.writeString(
        file(HOST + ".key"),
        "A note.\n" + parameters + new String(Pem.write(type, inner), StandardCharsets.US_ASCII));

    assertThat(PrivateKeys.belongTogether(load(HOST).key(), keys.getPublic())).isTrue();
  }

  @Test
  void missing_files_are_named() throws Exception {
    assertRefused(HOST, HOST + ".crt", "no such file");

    authority.install(directory, HOST);
    Files.delete(file(HOST + ".key"));
    assertRefused(HOST, HOST + ".key", "no such file");
  }

  @Test
  void a_directory_in_a_file_s_place_is_named() throws Exception {
    Files.createDirectory(file(HOST + ".crt"));
    assertRefused(HOST, HOST + ".crt", "directory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not PEM at all",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
      })
  void a_malformed_certificate_is_refused(String content) throws Exception {
    authority.install(directory, HOST);
    Files.writeString(file(HOST + ".crt"), content);
    assertRefused(HOST, HOST + ".crt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n"
      })
  void a_malformed_key_is_refused_without_being_quoted(String content) throws Exception {
    authority.install(directory, HOST);
    Files.writeString(file(HOST + ".key"), content);
    assertRefused(HOST, HOST + ".key");
    assertThatThrownBy(() -> load(HOST)).hasMessageNotContaining("AAAA");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
      })
  void an_encrypted_key_is_refused_as_such(String content) throws Exception {
    authority.install(directory, HOST);
    Files.writeString(file(HOST + ".key"), content);
    assertRefused(HOST, HOST + ".key", "encrypted");
  }

  @ParameterizedTest
  @CsvSource({"EC, 256", "EC, 384", "RSA, 2048", "Ed25519, 255"})
  void a_key_of_another_certificate_is_refused(String algorithm, int size) throws Exception {
    authority.install(directory, HOST);
    TestAuthority.writePem(
        file(HOST + ".key"),
        "PRIVATE KEY",
        TestAuthority.keys(algorithm, size).getPrivate().getEncoded());
    assertRefused(HOST, HOST + ".key", "does not belong", HOST + ".crt");
  }

  @Test
  void a_certificate_of_another_host_is_refused_and_its_names_are_told() throws Exception {
    authority.install(
        directory,
        HOST,
        TestAuthority.keys("EC", 256),
        Validity.days(-1, 90),
        "other.example.com",
        "192.0.2.9");
    assertRefused(HOST, HOST + ".crt", "other.example.com, 192.0.2.9", HOST);
  }

  @Test
  void a_certificate_without_names_is_refused_whatever_its_common_name() throws Exception {
    authority.install(directory, "Leaf", TestAuthority.keys("EC", 256), Validity.days(-1, 90));
    assertRefused("Leaf", "no name at all");
  }

  @Test
  void an_endless_file_is_refused() throws Exception {
    authority.install(directory, HOST);
    Files.writeString(file(HOST + ".crt"), "x".repeat(2_000_000));
    assertRefused(HOST, HOST + ".crt", "larger");
  }

  @ParameterizedTest
  @CsvSource({"-30, -1, expired on", "1, 30, valid only from", "-60, 20, expires on"})
  void wrong_dates_are_served_with_a_warning(int from, int to, String words) throws Exception {
    authority.install(
        directory, HOST, TestAuthority.keys("EC", 256), Validity.days(from, to), HOST);
    load(HOST);
    assertThat(log).singleElement().asString().contains("WARNING", words, HOST + ".crt");
  }

  @Test
  void an_address_without_files_gets_a_self_signed_certificate_for_a_year() throws Exception {
    Path certDir = directory.resolve("a/b");
    X509Certificate leaf = load(certDir, ADDRESS, 443).leaf();

    assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(7, ADDRESS));
    assertThat(leaf.getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getSerialNumber()).isGreaterThan(BigInteger.ZERO);
    assertThat(Duration.between(clock.instant(), leaf.getNotAfter().toInstant()))
        .isBetween(Duration.ofDays(364), Duration.ofDays(365));
    leaf.verify(leaf.getPublicKey());
    assertThat(load(certDir, ADDRESS, 443).leaf()).isEqualTo(leaf);
  }

  @Test
  void the_files_made_are_named_as_the_original_s_and_the_key_is_for_its_owner_alone()
      throws Exception {
    Path certDir = directory.resolve("made");
    load(certDir, "2001:db8::1", 443);

    assertThat(permissions(certDir)).isEqualTo("rwx------");
    assertThat(permissions(certDir.resolve("2001db81.crt"))).isEqualTo("rw-r--r--");
    assertThat(permissions(certDir.resolve("2001db81.key"))).isEqualTo("rw-------");
    try (var files = Files.list(certDir)) {
      assertThat(files).hasSize(2);
    }
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @ParameterizedTest
  @CsvSource({"443, ''", "0, ''", "8443, ',\"DERPPort\":8443'"})
  void the_log_has_the_node_for_the_derp_map(int port, String derpPort) throws Exception {
    X509Certificate leaf = load(directory, ADDRESS, port).leaf();
    assertThat(log.getLast())
        .isEqualTo(
            "  {\"Name\":\"custom\",\"RegionID\":900,\"HostName\":\"192.0.2.7\",\"CertName\":\"sha256-raw:"
                + AddressCertificate.sha256(leaf)
                + "\""
                + derpPort
                + "}");
    assertThat(log.getLast()).containsPattern("sha256-raw:[0-9a-f]{64}\"");
  }

  @Test
  void a_self_signed_certificate_that_expired_is_renewed_for_the_same_key() throws Exception {
    ServerCertificate old = load(ADDRESS);
    clock.travel(Duration.ofDays(400));
    log.clear();
    ServerCertificate renewed = load(ADDRESS);

    assertThat(renewed.key()).isEqualTo(old.key());
    assertThat(renewed.leaf()).isNotEqualTo(old.leaf());
    assertThat(renewed.leaf().getNotAfter().toInstant()).isAfter(clock.instant());
    assertThat(log).hasSize(3).first().asString().contains("expired on");
    assertThat(log.getLast()).contains(AddressCertificate.sha256(renewed.leaf()));
  }

  @Test
  void an_authority_s_certificate_for_an_address_is_served_expired_and_not_replaced()
      throws Exception {
    X509Certificate leaf = authority.install(directory, ADDRESS);
    clock.travel(Duration.ofDays(400));

    assertThat(load(ADDRESS).leaf()).isEqualTo(leaf);
    assertThat(log).singleElement().asString().contains("WARNING", "expired");
  }

  @Test
  void a_key_without_its_certificate_is_not_overwritten() throws Exception {
    load(ADDRESS);
    Files.delete(file(ADDRESS + ".crt"));
    byte[] key = Files.readAllBytes(file(ADDRESS + ".key"));

    assertRefused(ADDRESS, ADDRESS + ".key", ADDRESS + ".crt");
    assertThat(file(ADDRESS + ".key")).hasBinaryContent(key);
  }

  @Test
  void a_self_signed_certificate_that_lost_its_key_is_made_anew() throws Exception {
    X509Certificate old = load(ADDRESS).leaf();
    Files.delete(file(ADDRESS + ".key"));

    assertThat(load(ADDRESS).leaf()).isNotEqualTo(old);
  }

  @Test
  void an_authority_s_certificate_without_its_key_is_not_overwritten() throws Exception {
    authority.install(directory, ADDRESS);
    Files.delete(file(ADDRESS + ".key"));

    assertRefused(ADDRESS, ADDRESS + ".key", "no such file");
  }

  @Test
  void a_place_that_cannot_be_written_is_named() throws Exception {
    Path taken = Files.writeString(file("taken"), "a file");
    assertThatThrownBy(() -> load(taken.resolve("sub"), ADDRESS, 443))
        .isInstanceOf(TlsConfigException.class)
        .hasMessageContaining("cannot be written")
        .hasMessageContaining(ADDRESS);
  }

  @Test
  void pem_is_written_as_it_is_read() throws Exception {
    Path file = Files.write(file("x"), Pem.write("THING", new byte[] {1, 2, 3}));
    assertThat(Pem.read(file)).extracting(PemObject::getType).containsExactly("THING");
    assertThat(Pem.read(file).getFirst().getContent()).containsExactly(1, 2, 3);
  }
}
