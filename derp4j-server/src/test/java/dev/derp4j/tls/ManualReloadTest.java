package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Reloads;
import dev.derp4j.tls.TestAuthority.Validity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Certificates that change on the disk while the relay runs.
final class ManualReloadTest {
  private static final String HOST = "derp.example.com";
  private static final String ADDRESS = "192.0.2.7";

  @TempDir Path directory;
  private final TestAuthority authority;
  private final TravellingClock clock = new TravellingClock();
  private final Metrics metrics = new Metrics("test", "derper");
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private @Nullable ManualProvider running;

  ManualReloadTest() throws Exception {
    authority = new TestAuthority();
  }

  @BeforeEach
  void install() throws Exception {
    authority.install(directory, HOST);
  }

  @AfterEach
  void close() {
    if (running != null) {
      running.close();
    }
  }

  private ManualProvider start(String hostname) throws TlsConfigException {
    TlsContexts contexts =
        new TlsContexts(TlsEngine.choose(), NodePublicKey.of(new byte[32]), Duration.ofSeconds(10));
    running =
        ManualProvider.start(
            ServerTlsConfig.manual(directory, hostname).withClock(clock),
            contexts,
            metrics,
            log::add);
    return running;
  }

  @ParameterizedTest
  @EnumSource
  void a_new_pair_is_served_to_new_connections_and_the_old_ones_go_on(TlsEngine engine)
      throws Exception {
    try (Reloads reloads = new Reloads(Duration.ofMillis(5));
        ServerTls tls =
            ServerTls.start(
                ServerTlsConfig.manual(directory, HOST).withEngine(engine),
                NodePublicKey.of(new byte[32]),
                metrics,
                log::add);
        TlsListener listener = new TlsListener(tls)) {
      tls.watch(reloads);
      TlsPeer peer = new TlsPeer(authority.root()).asking(HOST);
      try (SSLSocket old = peer.connect(listener.port())) {
        X509Certificate first = TlsPeer.chain(old).getFirst();
        X509Certificate second = authority.install(directory, HOST);

        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> peer.chain(listener.port()).getFirst().equals(second));

        assertThat(second).isNotEqualTo(first);
        assertThat(peer.chain(listener.port())).hasSize(3);
        assertThat(TlsPeer.echo(old, "still here")).isEqualTo("still here");
      }
    }
    assertThat(log).isEmpty();
  }

  @Test
  void what_changed_is_told_and_counted() throws Exception {
    ManualProvider provider = start(HOST);
    X509Certificate next =
        authority.install(
            directory, HOST, TestAuthority.keys("RSA", 2048), Validity.days(-1, 60), HOST);

    assertThat(provider.reload())
        .containsExactly(
            "certificate: took the new one, valid until " + next.getNotAfter().toInstant());
    assertThat(metrics.expose())
        .contains("derp4j_cert_renewals{hostname=\"derp.example.com\"} 1\n")
        .contains("derp4j_cert_failures{hostname=\"derp.example.com\"} 0\n")
        .contains(
            "derp4j_cert_expiry_seconds{hostname=\"derp.example.com\"} "
                + next.getNotAfter().toInstant().getEpochSecond()
                + "\n");
  }

  @Test
  void nothing_is_said_where_nothing_changed() throws Exception {
    assertThat(start(HOST).reload()).isEmpty();
    assertThat(metrics.expose()).contains("derp4j_cert_renewals{hostname=\"derp.example.com\"} 0");
  }

  @Test
  void a_missing_file_is_refused() throws Exception {
    assertRefused(() -> Files.delete(directory.resolve(HOST + ".key")), "no such file");
  }

  @Test
  void a_damaged_file_is_refused() throws Exception {
    assertRefused(
        () -> Files.writeString(directory.resolve(HOST + ".crt"), "-----BEGIN CERT"), ".crt");
  }

  @Test
  void a_key_of_another_certificate_is_refused() throws Exception {
    assertRefused(
        () ->
            TestAuthority.writePem(
                directory.resolve(HOST + ".key"),
                "PRIVATE KEY",
                TestAuthority.keys("EC", 256).getPrivate().getEncoded()),
        "does not belong");
  }

  @Test
  void a_certificate_of_another_host_is_refused() throws Exception {
    assertRefused(() -> install(Validity.days(-1, 90), "other.example.com"), "other.example.com");
  }

  @Test
  void an_expired_certificate_is_refused() throws Exception {
    assertRefused(() -> install(Validity.days(-30, -1), HOST), "expired on");
  }

  @Test
  void a_certificate_of_the_future_is_refused() throws Exception {
    assertRefused(() -> install(Validity.days(1, 30), HOST), "valid only from");
  }

  private interface Change {
    void make() throws Exception;
  }

  private void install(Validity validity, String name) throws Exception {
    authority.install(directory, HOST, TestAuthority.keys("EC", 256), validity, name);
  }

  private void assertRefused(Change change, String words) throws Exception {
    ManualProvider provider = start(HOST);
    try (TlsListener probe = new TlsListener(provider::newHandler)) {
      TlsPeer peer = new TlsPeer(authority.root()).asking(HOST);
      List<X509Certificate> before = peer.chain(probe.port());

      change.make();
      assertThatThrownBy(provider::reload)
          .isInstanceOf(ReloadException.class)
          .hasMessageContainingAll(HOST, words, "the old one stays")
          .hasMessageNotContaining("\n");

      assertThat(peer.chain(probe.port())).isEqualTo(before);
      assertThat(metrics.expose()).contains("derp4j_cert_failures{hostname=\"" + HOST + "\"} 1\n");
    }
  }

  @Test
  void a_self_signed_certificate_announces_its_successor_once_a_day_and_then_hands_over()
      throws Exception {
    ManualProvider provider = start(ADDRESS);
    Path place = directory.resolve(ADDRESS + ".crt");
    Path next = directory.resolve(ADDRESS + ".next.crt");
    X509Certificate first = read(place);
    byte[] key = Files.readAllBytes(directory.resolve(ADDRESS + ".key"));
    provider.lookAfterOwn();
    assertThat(next).doesNotExist();
    log.clear();

    clock.travel(Duration.ofDays(340));
    provider.lookAfterOwn();
    X509Certificate second = read(next);
    assertThat(log).hasSize(3).first().asString().contains("takes over on");
    assertThat(log.get(1)).contains("\"custom\"", AddressCertificate.sha256(first));
    assertThat(log.get(2)).contains("\"custom-next\"", AddressCertificate.sha256(second));
    assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
    clock.travel(Duration.ofHours(23));
    provider.lookAfterOwn();
    assertThat(log).hasSize(3);
    clock.travel(Duration.ofHours(1));
    provider.lookAfterOwn();
    assertThat(log).hasSize(6);
    assertThat(read(place)).isEqualTo(first);
    assertThat(read(next)).isEqualTo(second);
    log.clear();

    clock.travel(Duration.ofDays(24));
    provider.lookAfterOwn();
    assertThat(read(place)).isEqualTo(second);
    assertThat(next).doesNotExist();
    assertThat(directory.resolve(ADDRESS + ".key")).hasBinaryContent(key);
    assertThat(log).hasSize(2).first().asString().contains("its successor is served");
    assertThat(log.get(1)).contains("\"custom\"", AddressCertificate.sha256(second));
    assertThat(provider.reload()).as("the file is what is served").isEmpty();
    try (TlsListener probe = new TlsListener(provider::newHandler)) {
      assertThat(new TlsPeer(second).chain(probe.port())).hasSize(2).startsWith(second);
    }
  }

  @Test
  void a_successor_of_another_key_is_not_used() throws Exception {
    ManualProvider provider = start(ADDRESS);
    X509Certificate first = read(directory.resolve(ADDRESS + ".crt"));
    Path next = directory.resolve(ADDRESS + ".next.crt");
    clock.travel(Duration.ofDays(340));
    authority.install(
        directory,
        ADDRESS + ".next",
        TestAuthority.keys("EC", 256),
        Validity.days(-1, 800),
        ADDRESS);

    provider.lookAfterOwn();

    assertThat(read(next).getPublicKey()).isEqualTo(first.getPublicKey());
  }

  @Test
  void an_authority_s_certificate_for_an_address_is_left_alone() throws Exception {
    authority.install(directory, ADDRESS);
    ManualProvider provider = start(ADDRESS);
    X509Certificate present = read(directory.resolve(ADDRESS + ".crt"));

    clock.travel(Duration.ofDays(89));
    provider.lookAfterOwn();

    assertThat(read(directory.resolve(ADDRESS + ".crt"))).isEqualTo(present);
    assertThat(directory.resolve(ADDRESS + ".next.crt")).doesNotExist();
  }

  @Test
  void a_place_that_cannot_be_written_is_told_and_the_old_certificate_stays() throws Exception {
    ManualProvider provider = start(ADDRESS);
    X509Certificate first = read(directory.resolve(ADDRESS + ".crt"));
    Files.createDirectories(directory.resolve(ADDRESS + ".next.crt/taken"));
    clock.travel(Duration.ofDays(340));
    log.clear();

    provider.lookAfterOwn();

    assertThat(log).singleElement().asString().contains("not renewed", ADDRESS);
    assertThat(read(directory.resolve(ADDRESS + ".crt"))).isEqualTo(first);
    assertThat(metrics.expose()).contains("derp4j_cert_failures{hostname=\"192.0.2.7\"} 1\n");
  }

  private static X509Certificate read(Path file) throws Exception {
    return CertificateFiles.readChain(file).getFirst();
  }
}
