package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.tls.TestAuthority.Validity;
import dev.derp4j.tls.acme.AcmeAuthority;
import dev.derp4j.tls.acme.ChallengeKind;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Issued certificates, from the first handshake to the renewal, with a stub for an authority.
final class AcmeProviderTest {
  private static final String HOST = "derp.example.com";

  @TempDir Path directory;
  private final StubAuthority stub = new StubAuthority();
  private final TravellingClock clock = new TravellingClock();
  private final Metrics metrics = new Metrics("test", "derper");
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private @Nullable AcmeProvider running;
  private @Nullable TlsListener listening;

  AcmeProviderTest() throws Exception {}

  @AfterEach
  void close() throws Exception {
    stop();
    stub.close();
  }

  private void stop() throws Exception {
    if (listening != null) {
      listening.close();
      listening = null;
    }
    if (running != null) {
      running.close();
      running = null;
    }
  }

  private int start(TlsEngine engine, String hostname, boolean addresses, String... publicOnes)
      throws Exception {
    List<InetAddress> list = new ArrayList<>();
    for (String each : publicOnes) {
      list.add(InetAddress.ofLiteral(each));
    }
    AcmeMode mode =
        new AcmeMode(
            new AcmeAuthority(stub.directory(), Optional.empty(), "ops@example.com", Map.of()),
            List.of(ChallengeKind.TLS_ALPN, ChallengeKind.HTTP),
            addresses,
            list);
    running =
        AcmeProvider.start(
            ServerTlsConfig.acme(directory, hostname, mode).withClock(clock),
            mode,
            new TlsContexts(engine, NodePublicKey.of(new byte[32]), Duration.ofSeconds(10)),
            metrics,
            log::add);
    stub.http = running::challengeText;
    listening = new TlsListener(running::newHandler);
    return listening.port();
  }

  private int start() throws Exception {
    return start(TlsEngine.choose(), HOST, false);
  }

  private TlsPeer peer() throws Exception {
    return new TlsPeer(stub.authority.root()).asking(HOST);
  }

  private AcmeProvider provider() {
    if (running == null) {
      throw new IllegalStateException("not running");
    }
    return running;
  }

  private long metric(String line) {
    return metrics
        .expose()
        .lines()
        .filter(each -> each.startsWith(line))
        .mapToLong(each -> Long.parseLong(each.substring(each.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(-1);
  }

  @ParameterizedTest
  @EnumSource
  void the_first_client_waits_for_the_certificate_and_the_next_finds_it_there(TlsEngine engine)
      throws Exception {
    int port = start(engine, HOST, false);
    assertThat(stub.orders).isEmpty();

    try (SSLSocket first = peer().connect(port)) {
      assertThat(TlsPeer.chain(first)).hasSize(3);
      assertThat(TlsPeer.echo(first, "hello")).isEqualTo("hello");
    }
    assertThat(peer().chain(port)).hasSize(3);

    assertThat(stub.orders).hasSize(2); // One for each kind of challenge; the stub knows one.
    assertThat(stub.accounts).first().asString().contains("mailto:ops@example.com");
    assertThat(metric("derp4j_cert_renewals{hostname=\"derp.example.com\"}")).isEqualTo(1);
    assertThat(metric("derp4j_cert_failures{hostname=\"derp.example.com\"}")).isZero();
    assertThat(metric("derp4j_cert_expiry_seconds{hostname=\"derp.example.com\"}"))
        .isGreaterThan(clock.instant().getEpochSecond());
    assertThat(log).singleElement().asString().startsWith("tls: got a certificate for " + HOST);
  }

  @Test
  void clients_that_come_meanwhile_share_one_order() throws Exception {
    int port = start();
    stub.gate.drainPermits();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<List<X509Certificate>>> chains = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        chains.add(CompletableFuture.supplyAsync(() -> chain(port), clients));
      }
      Awaitility.await().until(() -> !stub.orders.isEmpty());
      stub.gate.release(1_000);
      for (CompletableFuture<List<X509Certificate>> chain : chains) {
        assertThat(chain.get(60, TimeUnit.SECONDS)).isEqualTo(chains.getFirst().get());
      }
    }
    assertThat(stub.orders).hasSize(2);
  }

  private List<X509Certificate> chain(int port) {
    try {
      return peer().chain(port);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void another_name_or_none_is_refused_and_orders_nothing(TlsEngine engine) throws Exception {
    int port = start(engine, HOST, false);

    for (String wrong : new String[] {"other.example.com", "127.0.0.1.example.com", null}) {
      assertThatThrownBy(() -> peer().asking(wrong).connect(port))
          .as("name %s", wrong)
          .hasMessageContaining("handshake_failure");
    }
    assertThatThrownBy(() -> peer().offering(Challenges.PROTOCOL).connect(port))
        .as("a challenge that nobody is waiting for")
        .hasMessageContaining("handshake_failure");
    assertThat(stub.orders).isEmpty();
  }

  @Test
  void the_files_are_the_original_s_and_serve_the_next_run_without_an_order() throws Exception {
    X509Certificate first = peer().chain(start()).getFirst();
    assertThat(permissions(HOST)).isEqualTo("rw-------");
    assertThat(permissions("acme_account+key")).isEqualTo("rw-------");
    assertThat(Files.readString(directory.resolve(HOST)))
        .startsWith("-----BEGIN EC PRIVATE KEY-----\n")
        .contains("-----END EC PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n");
    byte[] account = Files.readAllBytes(directory.resolve("acme_account+key"));
    stop();
    stub.orders.clear();

    assertThat(peer().chain(start()).getFirst()).isEqualTo(first);
    assertThat(stub.orders).isEmpty();
    stop();

    Files.delete(directory.resolve(HOST));
    assertThat(peer().chain(start()).getFirst()).isNotEqualTo(first);
    assertThat(directory.resolve("acme_account+key")).hasBinaryContent(account);
  }

  private String permissions(String name) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
  }

  @Test
  void a_damaged_file_and_an_expired_one_are_replaced() throws Exception {
    Files.writeString(directory.resolve(HOST), "-----BEGIN EC PRIVATE KEY-----\nAAAA");
    assertThat(peer().chain(start())).hasSize(3);
    assertThat(log).first().asString().contains("not used", HOST);
    stop();

    KeyPair keys = TestAuthority.keys("EC", 256);
    X509Certificate old = stub.authority.certify(keys.getPublic(), Validity.days(-90, -1), HOST);
    new CertificateDirectory(directory)
        .ofHost(ServerName.of(HOST))
        .write(new ServerCertificate(List.of(old), keys.getPrivate()));
    assertThat(peer().chain(start()).getFirst()).isNotEqualTo(old);
  }

  @Test
  void a_certificate_is_renewed_in_the_last_third_of_its_life_under_living_connections()
      throws Exception {
    int port = start();
    try (SSLSocket old = peer().connect(port)) {
      X509Certificate first = TlsPeer.chain(old).getFirst();
      clock.travel(Duration.ofDays(58));
      provider().look();
      assertThat(peer().chain(port).getFirst()).isEqualTo(first);
      assertThat(stub.orders).hasSize(2);

      clock.travel(Duration.ofDays(2));
      stub.validity = Validity.days(-1, 150);
      provider().look();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> metric("derp4j_cert_renewals{") == 2);

      assertThat(peer().chain(port)).hasSize(3).doesNotContain(first);
      assertThat(TlsPeer.echo(old, "still here")).isEqualTo("still here");
    }
  }

  @Test
  void a_refused_order_is_told_once_and_put_off_and_clients_fail_at_once() throws Exception {
    int port = start();
    stub.refusal = "rateLimited";

    assertThatThrownBy(() -> peer().connect(port)).hasMessageContaining("handshake_failure");
    assertThat(stub.orders).hasSize(1);
    assertThat(log)
        .singleElement()
        .asString()
        .startsWith("tls: no certificate for derp.example.com: rateLimited: because of that (next")
        .doesNotContain("\n");
    assertThatThrownBy(() -> peer().connect(port)).hasMessageContaining("handshake_failure");
    assertThat(stub.orders).as("within a minute").hasSize(1);

    clock.travel(Duration.ofSeconds(80));
    assertThatThrownBy(() -> peer().connect(port)).hasMessageContaining("handshake_failure");
    assertThat(stub.orders).as("after it").hasSize(2);
    assertThat(log).as("of the same kind").hasSize(1);
    assertThat(metric("derp4j_cert_failures{")).isEqualTo(2);

    stub.refusal = null;
    clock.travel(Duration.ofMinutes(10));
    assertThat(peer().chain(port)).hasSize(3);
    assertThat(log.getLast()).startsWith("tls: got a certificate");
  }

  @Test
  void an_authority_is_not_asked_again_before_it_wants() throws Exception {
    int port = start();
    stub.refusal = "rateLimited";
    stub.retryAfter = "7200";
    assertThatThrownBy(() -> peer().connect(port)).hasMessageContaining("handshake_failure");

    clock.travel(Duration.ofMinutes(110));
    assertThatThrownBy(() -> peer().connect(port)).hasMessageContaining("handshake_failure");
    assertThat(stub.orders).hasSize(1);
    stub.refusal = null;
    clock.travel(Duration.ofMinutes(11));
    assertThat(peer().chain(port)).hasSize(3);
  }

  @Test
  void a_failed_renewal_leaves_the_old_certificate_in_service() throws Exception {
    int port = start();
    List<X509Certificate> first = peer().chain(port);
    stub.http = token -> null;
    log.clear();

    clock.travel(Duration.ofDays(70));
    provider().look();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> metric("derp4j_cert_failures{") == 1);

    assertThat(peer().chain(port)).hasSize(3).startsWith(first.getFirst());
    assertThat(log)
        .singleElement()
        .asString()
        .startsWith("tls: no new certificate for derp.example.com: http-01: connection: nobody");
  }

  @Test
  void an_authority_that_cannot_be_reached_is_named() throws Exception {
    int port = start();
    URI url = stub.directory();
    stub.close();

    assertThatThrownBy(() -> peer().connect(port)).hasMessageContaining("handshake_failure");
    assertThat(log)
        .singleElement()
        .asString()
        .contains("cannot reach " + url + ": connection refused");
  }

  @Test
  void an_address_gets_a_short_lived_certificate_of_its_own() throws Exception {
    stub.validity = Validity.days(0, 6);
    int port = start(TlsEngine.choose(), HOST, true);

    List<X509Certificate> chain = peer().asking(null).chain(port);
    assertThat(chain).hasSize(3);
    assertThat(chain.getFirst().getSubjectAlternativeNames())
        .containsExactly(List.of(7, "127.0.0.1"));
    assertThat(stub.orders)
        .singleElement()
        .asString()
        .contains("\"type\":\"ip\"", "\"profile\":\"shortlived\"");
    assertThat(peer().asking("127.0.0.1").chain(port)).startsWith(chain.getFirst());
    assertThatThrownBy(() -> peer().asking("127.0.0.2").connect(port))
        .hasMessageContaining("handshake_failure");
    assertThat(peer().chain(port).getFirst()).as("by name").isNotEqualTo(chain.getFirst());
    assertThat(permissions("127.0.0.1.crt")).isEqualTo("rw-r--r--");
    assertThat(permissions("127.0.0.1.key")).isEqualTo("rw-------");
    assertThat(permissions("acme-account.key")).isEqualTo("rw-------");
    assertThat(log).contains("  {\"Name\":\"custom\",\"RegionID\":900,\"HostName\":\"127.0.0.1\"}");
  }

  @Test
  void behind_a_nat_the_public_address_of_the_family_is_certified() throws Exception {
    int port = start(TlsEngine.choose(), "203.0.113.7", true, "2001:db8::7", "203.0.113.7");

    for (String asked : new String[] {null, "203.0.113.7"}) {
      assertThat(peer().asking(asked).chain(port).getFirst().getSubjectAlternativeNames())
          .containsExactly(List.of(7, "203.0.113.7"));
    }
    assertThat(stub.orders).hasSize(1);
    assertThatThrownBy(() -> peer().connect(port)).hasMessageContaining("handshake_failure");
  }

  @Test
  void a_silent_client_and_noise_are_cut_off() throws Exception {
    int port = start();
    for (String noise : List.of("GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0000\u0005hello")) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(noise.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(100);
      }
    }
    assertThat(peer().chain(port)).hasSize(3);
  }

  @Test
  void an_address_as_hostname_needs_certificates_for_addresses() {
    assertThatThrownBy(() -> start(TlsEngine.choose(), "192.0.2.7", false))
        .isInstanceOf(TlsConfigException.class)
        .hasMessageContainingAll("192.0.2.7", "-acme-ip-certs", "manual");
  }

  @Test
  void what_is_no_dns_name_never_becomes_a_file() {
    assertThatThrownBy(() -> start(TlsEngine.choose(), "../evil.example.com", false))
        .isInstanceOf(TlsConfigException.class)
        .hasMessageContaining("no DNS name");
  }
}
