package dev.derp4j.client.dial;

import dev.derp4j.testkit.TestCertificates;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BootstrapResolverTest {
  private static final TestCertificates AUTHORITY = TestCertificates.create();
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final HostResolver BROKEN =
      (host, loop) -> CompletableFuture.failedFuture(new UnknownHostException("no DNS"));
  private static final String JSON = "{\"a.test\":[\"192.0.2.7\",\"2001:db8::7\"]}";

  private final Loops loops = Loops.nio();

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  void whenTheDnsFailsANodeIsAsked() throws Exception {
    try (StubServer node = node("node.test", JSON)) {
      assertThat(resolve(BROKEN, node))
          .containsExactly(
              InetAddress.ofLiteral("192.0.2.7"), InetAddress.ofLiteral("2001:db8::7"));
      assertThat(node.heads.getFirst())
          .startsWith("GET /bootstrap-dns?q=a.test HTTP/1.1\r\nhost: node.test\r\n");
    }
  }

  @Test
  void whenTheDnsIsSilentANodeIsAskedMeanwhile() throws Exception {
    try (StubServer node = node("node.test", JSON)) {
      assertThat(resolve((host, loop) -> new CompletableFuture<>(), node)).hasSize(2);
    }
  }

  @Test
  void whatTheDnsKnowsNoNodeIsAskedFor() throws Exception {
    try (StubServer node = node("node.test", JSON)) {
      HostResolver knows = (host, loop) -> CompletableFuture.completedFuture(List.of(LOOPBACK));
      assertThat(resolve(knows, node)).containsExactly(LOOPBACK);
      assertThat(node.heads).isEmpty();
    }
  }

  @Test
  void nodesThatFailAreFollowedByOthersButOnlyByAFew() throws Exception {
    try (StubServer foreign = node("other.test", JSON);
        StubServer empty = node("node.test", "{}");
        StubServer node = node("node.test", JSON)) {
      assertThat(resolve(BROKEN, foreign, empty, node)).hasSize(2);
    }
    try (StubServer empty = node("node.test", "{}")) {
      StubServer[] many = IntStream.range(0, 9).mapToObj(i -> empty).toArray(StubServer[]::new);
      assertThatThrownBy(() -> resolve(BROKEN, many)).hasMessage("no DNS");
      assertThat(empty.heads).hasSize(6);
    }
  }

  @Test
  void anAnswerThatIsTooLongIsNotRead() throws Exception {
    String longer = "{\"a.test\":[\"192.0.2.7\"" + ",\"192.0.2.7\"".repeat(10_000) + "]}";
    try (StubServer node = node("node.test", longer)) {
      assertThatThrownBy(() -> resolve(BROKEN, node)).hasMessage("no DNS");
    }
  }

  @Test
  void theNamesOfProxiesStayWithTheDns() {
    assertThat(new BootstrapResolver(BROKEN, List::of, DialSettings.defaults()).withoutFallback())
        .isSameAs(BROKEN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{\"a.test\":\"192.0.2.7\"}",
        "{\"a.test\":[1]}",
        "{\"a.test\":[[]]}",
        "{\"a.test\":[\"b.test\"]}",
        "{\"a.test\":[\"10.1\"]}",
        "{\"a.test\":[\"192.0.2.7\"]}x",
        "{\"a.test\":[\"192.0.2.7\"]",
        "{\"b.test\":5,\"a.test\":[\"192.0.2.7\"]}"
      })
  void anAnswerOfAnotherShapeIsOfNoUse(String json) {
    assertThatThrownBy(
            () -> BootstrapAnswer.addresses(json.getBytes(StandardCharsets.UTF_8), "a.test"))
        .isInstanceOf(StepFailure.class)
        .hasMessage("the answer is no list of addresses");
  }

  @Test
  void anAnswerMayHoldMoreNamesAndNoAddresses() throws Exception {
    byte[] json =
        "{\"b.test\":[\"192.0.2.8\"],\"c.test\":null,\"A.test\":[\"::1\"]}"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(BootstrapAnswer.addresses(json, "a.test"))
        .containsExactly(InetAddress.ofLiteral("::1"));
    assertThat(BootstrapAnswer.addresses(json, "c.test")).isEmpty();
    assertThat(BootstrapAnswer.addresses(json, "d.test")).isEmpty();
  }

  private static StubServer node(String certifiedFor, String json) throws Exception {
    return StubServer.tls(
        TestServerTls.context(AUTHORITY.issue(certifiedFor)),
        peer -> {
          peer.head();
          peer.write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + Integer.toHexString(json.length())
                  + ("\r\n" + json + "\r\n0\r\n\r\n"));
          peer.awaitClose();
        });
  }

  private List<InetAddress> resolve(HostResolver first, StubServer... servers) throws Exception {
    DialSettings settings = DialSettings.builder().roots(DialTlsTest.trust(AUTHORITY)).build();
    List<BootstrapNode> nodes =
        IntStream.range(0, servers.length)
            .mapToObj(
                i ->
                    new BootstrapNode(
                        "node.test",
                        List.of(LOOPBACK),
                        servers[i].port(),
                        new CertificateCheck.ForHost()))
            .toList();
    return Loops.await(
        new BootstrapResolver(first, () -> nodes, settings).resolve("a.test", loops.loop()));
  }
}
