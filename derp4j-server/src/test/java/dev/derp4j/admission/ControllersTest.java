package dev.derp4j.admission;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.derp4j.client.dial.SystemRoots;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.limits.ClientLimits;
import dev.derp4j.testkit.ConnectProxy;
import dev.derp4j.testkit.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ControllersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofHours(1);

  @AutoClose private final FakeController controller = new FakeController();
  @AutoClose private final ControllerClient client;

  private final Newcomer newcomer =
      new Newcomer(
          NodePrivateKey.generate().publicKey(), new InetSocketAddress("192.0.2.1", 4242), "");

  ControllersTest() throws IOException {
    client = new ControllerClient(SystemRoots.trustManager(Map.of()), _ -> Optional.empty());
  }

  @Test
  void aControllerIsAskedAboutKeyAndAddress() throws Exception {
    assertThat(controllers(true, controller.url()).verify(newcomer, PATIENCE))
        .isEqualTo(new Verdict.Admitted(Reason.URL));
    assertThat(controller.questions())
        .containsExactly(
            "POST /admit {\"NodePublic\":\"" + newcomer.key() + "\",\"Source\":\"192.0.2.1\"}");
  }

  /// The JDK's client sends no password to a proxy that is to make a tunnel, unless the property is
  /// set that the launcher and these tests set.
  @Test
  void aControllerBehindTlsIsReachedThroughAProxyThatWantsAPassword() throws Exception {
    TestCertificates authority = TestCertificates.create();
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(authority.issue("controller.test").serverContext()));
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = "{\"Allow\":true}".getBytes(StandardCharsets.US_ASCII);
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try (ConnectProxy proxy =
            ConnectProxy.start()
                .requireBasic("someone", "secret")
                .route("controller.test:443", server.getAddress());
        ControllerClient through =
            new ControllerClient(
                trusting(authority.certificate()),
                _ ->
                    Optional.of(
                        URI.create(
                            "http://someone:secret@127.0.0.1:" + proxy.address().getPort())))) {
      ControllerReply reply =
          through.post(URI.create("https://controller.test/admit"), "{}", PATIENCE);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(proxy.requests().getLast().status()).isEqualTo(200);
    } finally {
      server.stop(0);
    }
  }

  private static X509TrustManager trusting(X509Certificate root) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("root", root);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | {\"Allow\":false} | URL_DENIED",
        "200 | {} | URL_DENIED",
        "200 | {\"allow\":true,\"x\":[1,{\"Allow\":false}]} | URL",
        "200 | {\"Allow\":\"yes\"} | URL_BAD_ANSWER",
        "200 | [true] | URL_BAD_ANSWER",
        "200 | {\"Allow\":tr | URL_BAD_ANSWER",
        "200 | '' | URL_BAD_ANSWER",
        "204 | '' | URL_BAD_ANSWER",
        "403 | {\"Allow\":true} | URL_BAD_ANSWER",
        "500 | oops | URL_BAD_ANSWER",
      })
  void whatItAnswersDecidesAlsoWhereAnUnreachableOneWouldAdmit(
      int status, String body, Reason expected) throws Exception {
    controller.answer(status, body);
    assertThat(controllers(true, controller.url()).verify(newcomer, PATIENCE).reason())
        .isEqualTo(expected);
  }

  @Test
  void anAnswerMaySayHowFastAndHowMuch() throws Exception {
    controller.answer(
        200, "{\"Allow\":true,\"RateLimitBytesPerSec\":5,\"RateBurstBytes\":6,\"QuotaBytes\":0}");
    ClientLimits limits =
        new ClientLimits(OptionalLong.of(5), OptionalLong.of(6), OptionalLong.of(0));
    Controllers asked = controllers(true, controller.url());
    assertThat(asked.verify(newcomer, PATIENCE))
        .isEqualTo(new Verdict.Admitted(Reason.URL, limits));
    controller.answer(200, "{\"Allow\":true,\"RateLimitBytesPerSec\":-5}");
    assertThat(asked.verify(newcomer, PATIENCE).reason()).isEqualTo(Reason.URL_BAD_ANSWER);
    controller.close();
    assertThat(asked.verify(newcomer, PATIENCE))
        .isEqualTo(new Verdict.Admitted(Reason.URL_REMEMBERED, limits));
  }

  @Test
  void anAnswerWithMoreThanFourKibibytesBeforeItsEndIsNone() throws Exception {
    controller.answer(200, "{\"pad\":\"" + "x".repeat(4096) + "\",\"Allow\":true}");
    assertThat(controllers(true, controller.url()).verify(newcomer, PATIENCE).reason())
        .isEqualTo(Reason.URL_BAD_ANSWER);
  }

  @Test
  void whereNoControllerAnswersTheOperatorHasChosen() throws Exception {
    URI nobody = nobody();
    assertThat(controllers(true, nobody).verify(newcomer, PATIENCE))
        .isEqualTo(new Verdict.Admitted(Reason.URL_UNREACHABLE_OPEN));
    Verdict closed = controllers(false, nobody).verify(newcomer, PATIENCE);
    assertThat(closed.reason()).isEqualTo(Reason.URL_UNREACHABLE);
    assertThat(((Verdict.Rejected) closed).why())
        .startsWith("admission controller unreachable: ")
        .matches("[ -~]+");
  }

  @Test
  void aControllerThatSaysNothingCountsAsUnreachable() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      assertThat(controllers(false, url).verify(newcomer, Duration.ofMillis(200)).reason())
          .isEqualTo(Reason.URL_UNREACHABLE);
      assertThat(
              controllers(false, url, controller.url())
                  .verify(newcomer, Duration.ofSeconds(2))
                  .reason())
          .as("half of the time is left for the next")
          .isEqualTo(Reason.URL);
    }
  }

  @Test
  void theFirstThatAnswersDecides() throws Exception {
    try (FakeController second = new FakeController()) {
      second.answer(200, "{\"Allow\":false}");
      assertThat(
              controllers(true, nobody(), controller.url(), second.url())
                  .verify(newcomer, PATIENCE)
                  .reason())
          .isEqualTo(Reason.URL);
      assertThat(second.questions()).isEmpty();
    }
  }

  @Test
  void aRestartOfTheControllerCutsNobodyOffWhoWasAllowedBeforeAndLetsNobodyInWhoWasNot()
      throws Exception {
    Newcomer stranger = new Newcomer(NodePrivateKey.generate().publicKey(), newcomer.remote(), "");
    Newcomer unknown = new Newcomer(NodePrivateKey.generate().publicKey(), newcomer.remote(), "");
    Controllers closed = controllers(false, controller.url());
    Controllers open = controllers(true, controller.url());
    closed.verify(newcomer, PATIENCE);
    controller.answer(200, "{\"Allow\":false}");
    open.verify(stranger, PATIENCE);
    controller.close();
    assertThat(closed.verify(newcomer, PATIENCE))
        .isEqualTo(new Verdict.Admitted(Reason.URL_REMEMBERED));
    assertThat(closed.verify(unknown, PATIENCE).reason()).isEqualTo(Reason.URL_UNREACHABLE);
    assertThat(open.verify(stranger, PATIENCE).reason()).isEqualTo(Reason.URL_DENIED);
  }

  @Test
  void whatIsRememberedEndsAndIsBounded() {
    RememberedVerdicts remembered = new RememberedVerdicts(Duration.ofNanos(10));
    Verdict yes = new Verdict.Admitted(Reason.URL);
    remembered.put(newcomer.key(), yes, 100);
    assertThat(remembered.get(newcomer.key(), 109)).isEqualTo(yes);
    assertThat(remembered.get(newcomer.key(), 110)).isNull();
    RememberedVerdicts none = new RememberedVerdicts(Duration.ZERO);
    none.put(newcomer.key(), yes, 100);
    assertThat(none.get(newcomer.key(), 100)).isNull();
  }

  private Controllers controllers(boolean failOpen, URI... urls) {
    return new Controllers(List.of(urls), failOpen, LONG, client);
  }

  private static URI nobody() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + free.getLocalPort());
    }
  }
}
