package dev.derp4j.client.dial;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.testkit.TestCertificates;
import dev.derp4j.testkit.TestCertificates.KeyKind;
import dev.derp4j.testkit.TestIdentity;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Each with BoringSSL and with the JDK's TLS.
@ParameterizedClass
@ValueSource(strings = {"boringssl", "jdk"})
class DialTlsTest {
  private static final TestCertificates AUTHORITY = TestCertificates.create();
  private static final TestIdentity RELAY = AUTHORITY.issue("relay.test", "127.0.0.1");

  @Parameter String engine;

  private final NodePrivateKey serverKey = NodePrivateKey.generate();
  private final DerpIdentity identity = DerpIdentity.of(NodePrivateKey.generate());
  private final List<String> askedNames = new CopyOnWriteArrayList<>();
  private final Loops loops = Loops.nio();
  private DialSettings settings;

  @BeforeEach
  void choose() throws Exception {
    System.setProperty("derp4j.tls.engine", engine);
    settings = DialSettings.builder().roots(trust(AUTHORITY)).build();
  }

  @AfterEach
  void stop() {
    System.clearProperty("derp4j.tls.engine");
    loops.close();
  }

  @Test
  void aServerWithTheRightCertificateIsTalkedTo() throws Exception {
    try (StubServer server = relay(TestServerTls.context(RELAY))) {
      DerpLink link = dial(server.endpoint());
      assertThat(link.serverKey()).isEqualTo(serverKey.publicKey());
      assertThat(link.fastStarted()).isFalse();
      assertThat(link.channel().pipeline().names()).startsWith("tls", "gate");
      assertThat(askedNames).as("an address is not asked for by name").containsExactly("");
      close(link);
    }
  }

  @Test
  void theNameIsAskedForAndVerifiedWhateverIsDialled() throws Exception {
    try (StubServer server = relay(TestServerTls.context(RELAY))) {
      DerpEndpoint named = DerpEndpoint.of("relay.test", server.port()).withDialHost("127.0.0.1");
      close(dial(named));
      assertThat(askedNames).containsExactly("relay.test");
      assertThat(server.heads.getFirst()).contains("host: relay.test:" + server.port());
      assertRefused(
          DerpEndpoint.of("other.test", server.port()).withDialHost("127.0.0.1"),
          "the certificate is for relay.test, 127.0.0.1, not for other.test");
      assertRefused(
          DerpEndpoint.of("127.0.0.2", server.port()).withDialHost("127.0.0.1"),
          "the certificate is for relay.test, 127.0.0.1, not for 127.0.0.2");
      close(dial(named.withCertificate(new CertificateCheck.ForName("127.0.0.1"))));
      assertRefused(
          named.withCertificate(new CertificateCheck.ForName("other.test")),
          "the certificate is for relay.test, 127.0.0.1, not for other.test");
    }
  }

  @Test
  void theMetaCertificateStartsFastAndDisturbsNoCheck() throws Exception {
    X509Certificate meta = TestServerTls.meta(serverKey.publicKey());
    try (StubServer server = relay(TestServerTls.context(TestServerTls.with(RELAY, meta)))) {
      DerpLink link = dial(server.endpoint());
      assertThat(link.fastStarted()).isTrue();
      assertThat(server.heads.getFirst()).contains("Derp-Fast-Start: 1\r\n");
      Collector collector = Collector.of(link);
      assertThat(collector.next()).isEqualTo(new Frame.KeepAlive());
      close(link);

      settings = DialSettings.builder().roots(trust(AUTHORITY)).fastStart(false).build();
      DerpLink slow = dial(server.endpoint());
      assertThat(slow.fastStarted()).isFalse();
      close(slow);
    }
  }

  @Test
  void tls12IsSpokenWithoutFastStart() throws Exception {
    X509Certificate meta = TestServerTls.meta(serverKey.publicKey());
    SSLContext context = TestServerTls.context(TestServerTls.with(RELAY, meta));
    try (StubServer server = relay(context, "TLSv1.2")) {
      DerpLink link = dial(server.endpoint());
      assertThat(link.fastStarted()).isFalse();
      close(link);
    }
  }

  @Test
  void aServerWithAnotherKeyThanItsCertificateNamesIsRefused() throws Exception {
    X509Certificate meta = TestServerTls.meta(NodePrivateKey.generate().publicKey());
    SSLContext context = TestServerTls.context(TestServerTls.with(RELAY, meta));
    try (StubServer server =
        StubServer.tls(
            context,
            peer -> {
              peer.head();
              peer.write(new Frame.ServerKey(serverKey.publicKey()));
              peer.awaitClose();
            })) {
      assertThatThrownBy(() -> dial(server.endpoint()))
          .hasMessageEndingWith(": handshake: the server's key is another one than it announced");
    }
  }

  @Test
  void certificatesThatAreNotInOrderSayWhy() throws Exception {
    Instant now = Instant.now();
    TestIdentity old =
        AUTHORITY.issue(
            KeyKind.EC, now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(1)), "127.0.0.1");
    TestIdentity early =
        AUTHORITY.issue(
            KeyKind.EC, now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(9)), "127.0.0.1");
    TestIdentity foreign = TestCertificates.create().issue("127.0.0.1");
    assertRefused(old, "certificate has expired");
    assertRefused(early, "certificate is not valid yet; is the clock right?");
    assertRefused(foreign, "certificate signed by unknown authority");
    assertRefused(
        TestCertificates.selfSigned("127.0.0.1"), "certificate signed by unknown authority");
  }

  @Test
  void aPinTakesExactlyThatOneCertificate() throws Exception {
    TestIdentity own = TestCertificates.selfSigned("127.0.0.1");
    X509Certificate meta = TestServerTls.meta(serverKey.publicKey());
    try (StubServer server = relay(TestServerTls.context(TestServerTls.with(own, meta)))) {
      String pin = sha256(own.leaf());
      DerpEndpoint endpoint = server.endpoint();
      DerpLink link = dial(endpoint.withCertificate(new CertificateCheck.Pin(pin)));
      assertThat(link.fastStarted()).isTrue();
      close(link);
      assertRefused(
          endpoint.withCertificate(new CertificateCheck.Pin(sha256(RELAY.leaf()))),
          "the certificate is not the pinned one");
      assertRefused(
          DerpEndpoint.of("relay.test", server.port())
              .withDialHost("127.0.0.1")
              .withCertificate(new CertificateCheck.Pin(pin)),
          "the certificate is for 127.0.0.1, not for relay.test");
    }
    try (StubServer server = relay(TestServerTls.context(RELAY))) {
      assertRefused(
          server.endpoint().withCertificate(new CertificateCheck.Pin(sha256(RELAY.leaf()))),
          "more than the one pinned certificate was shown");
    }
  }

  @Test
  void withoutACheckAnyServerIsTalkedTo() throws Exception {
    try (StubServer server =
        relay(TestServerTls.context(TestCertificates.selfSigned("else.test")))) {
      close(dial(server.endpoint().withCertificate(new CertificateCheck.None())));
    }
  }

  @Test
  void aServerWithoutTlsIsAnErrorOfTls() throws Exception {
    try (StubServer server = StubServer.plain(peer -> peer.write("HTTP/1.0 400 Bad\r\n\r\n"))) {
      assertThatThrownBy(() -> dial(server.endpoint()))
          .isInstanceOfSatisfying(
              DialException.class, e -> assertThat(e.step()).isEqualTo(DialStep.TLS));
    }
    try (StubServer server = StubServer.plain(peer -> {})) {
      assertThatThrownBy(() -> dial(server.endpoint()))
          .isInstanceOfSatisfying(
              DialException.class, e -> assertThat(e.step()).isEqualTo(DialStep.TLS));
    }
  }

  @Test
  void anAlertOfTheServerIsNamed() throws Exception {
    SSLContext wantsCertificate = TestServerTls.context(RELAY);
    try (StubServer server =
        StubServer.tls(
            wantsCertificate,
            peer -> {
              SSLSocket socket = (SSLSocket) peer.socket;
              SSLParameters parameters = socket.getSSLParameters();
              parameters.setProtocols(new String[] {"TLSv1.2"});
              parameters.setNeedClientAuth(true);
              socket.setSSLParameters(parameters);
              socket.startHandshake();
            })) {
      assertThatThrownBy(() -> dial(server.endpoint()))
          .hasMessageContaining(": tls: the other side refused with alert ");
    }
  }

  private void assertRefused(TestIdentity shown, String reason) throws Exception {
    try (StubServer server = relay(TestServerTls.context(shown))) {
      assertRefused(server.endpoint(), reason);
    }
  }

  private void assertRefused(DerpEndpoint endpoint, String reason) {
    assertThatThrownBy(() -> dial(endpoint))
        .isInstanceOfSatisfying(
            DialException.class, e -> assertThat(e.step()).isEqualTo(DialStep.TLS))
        .hasMessage(endpoint.name() + ": tls: " + reason);
  }

  private static String sha256(X509Certificate certificate) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
  }

  static X509TrustManager trust(TestCertificates authority) throws Exception {
    return SystemRoots.trusting(List.of(authority.certificate()));
  }

  private StubServer relay(SSLContext context, String... versions) throws Exception {
    return StubServer.tls(
        context,
        peer -> {
          SSLSocket socket = (SSLSocket) peer.socket;
          if (versions.length > 0) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(versions);
            socket.setSSLParameters(parameters);
          }
          socket.startHandshake();
          List<SNIServerName> names =
              ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames();
          askedNames.add(names.isEmpty() ? "" : new String(names.getFirst().getEncoded()));
          boolean fast = peer.head().contains("\r\nDerp-Fast-Start: 1\r\n");
          if (!fast) {
            peer.write(DialTest.SWITCHING);
          }
          peer.write(new Frame.ServerKey(serverKey.publicKey()));
          peer.admit(serverKey, new Frame.KeepAlive());
          peer.echo();
        });
  }

  private DerpLink dial(DerpEndpoint endpoint) throws Exception {
    return Loops.await(DerpDialer.dial(loops.loop(), endpoint, identity, settings));
  }

  private static void close(DerpLink link) throws InterruptedException {
    link.channel().close().sync();
  }
}
