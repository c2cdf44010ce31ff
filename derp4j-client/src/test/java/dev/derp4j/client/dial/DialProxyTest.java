package dev.derp4j.client.dial;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.testkit.ConnectProxy;
import dev.derp4j.testkit.TestCertificates;
import dev.derp4j.testkit.TestIdentity;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DialProxyTest {
  private static final TestCertificates AUTHORITY = TestCertificates.create();
  private static final TestIdentity RELAY = AUTHORITY.issue("relay.test", "127.0.0.1");
  private static final HostResolver NO_DNS =
      (host, loop) ->
          CompletableFuture.failedFuture(new AssertionError("the DNS was asked for " + host));

  private final NodePrivateKey serverKey = NodePrivateKey.generate();
  private final DerpIdentity identity = DerpIdentity.of(NodePrivateKey.generate());
  private final Loops loops = Loops.nio();

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  void theProxyConnectsToTheNameWhichIsNotResolvedHere() throws Exception {
    try (StubServer server = relay(true);
        ConnectProxy proxy = ConnectProxy.start().requireBasic("us er", "pass:word")) {
      proxy.route("relay.test:8443", server.address());
      DialSettings settings =
          settings(
              "HTTPS_PROXY", "http://us%20er:pass:word@127.0.0.1:" + proxy.address().getPort());
      DerpEndpoint endpoint =
          DerpEndpoint.of("relay.test", 8443)
              .withAddresses(
                  new FamilyAddress.Fixed(InetAddress.ofLiteral("192.0.2.1")), FamilyAddress.DNS);

      DerpLink link = dial(endpoint, settings);
      assertThat(link.serverKey()).isEqualTo(serverKey.publicKey());
      assertThat(link.fastStarted()).isTrue();
      assertThat(link.remoteAddress()).isEqualTo(proxy.address());
      assertThat(proxy.requests())
          .singleElement()
          .satisfies(
              request -> {
                assertThat(request.target()).isEqualTo("relay.test:8443");
                assertThat(request.headers()).containsEntry("host", "relay.test:8443");
              });
      link.channel().close().sync();

      DerpLink other = dial(endpoint.withDialHost("relay.test"), settings);
      other.channel().close().sync();
    }
  }

  @Test
  void aProxyMayItselfBeSpokenToOverTls() throws Exception {
    try (StubServer server = relay(true);
        ConnectProxy proxy = ConnectProxy.start(AUTHORITY.issue("127.0.0.1"))) {
      proxy.route("relay.test:443", server.address());
      DerpLink link =
          dial(
              DerpEndpoint.of("relay.test", 443),
              settings("https_proxy", "https://127.0.0.1:" + proxy.address().getPort()));
      assertThat(link.channel().pipeline().names()).startsWith("proxy-tls", "tls", "gate");
      link.channel().close().sync();
    }
    try (ConnectProxy proxy = ConnectProxy.start(TestCertificates.selfSigned("127.0.0.1"))) {
      assertThatThrownBy(
              () ->
                  dial(
                      DerpEndpoint.of("relay.test", 443),
                      settings("https_proxy", "https://127.0.0.1:" + proxy.address().getPort())))
          .hasMessage("relay.test:443: proxy: certificate signed by unknown authority");
    }
  }

  @Test
  void withoutTlsHttpProxyIsUsedWithConnectToo() throws Exception {
    try (StubServer server = relay(false);
        ConnectProxy proxy = ConnectProxy.start()) {
      proxy.route("relay.test:3340", server.address());
      DerpLink link =
          dial(
              DerpEndpoint.of("relay.test", 3340).withoutTls(),
              settings("HTTP_PROXY", "127.0.0.1:" + proxy.address().getPort()));
      assertThat(proxy.requests().getFirst().method()).isEqualTo("CONNECT");
      link.channel().close().sync();
    }
  }

  @Test
  void whatNoProxyNamesIsDialledDirectly() throws Exception {
    try (StubServer server = relay(false)) {
      DialSettings settings =
          DialSettings.builder()
              .proxies(
                  new ProxyEnvironment(
                      Map.of("HTTP_PROXY", "http://192.0.2.1:1", "NO_PROXY", "relay.test")))
              .resolver(
                  (host, loop) ->
                      CompletableFuture.completedFuture(
                          List.of(InetAddress.ofLiteral("127.0.0.1"))))
              .build();
      DerpLink link = dial(DerpEndpoint.of("relay.test", server.port()).withoutTls(), settings);
      assertThat(link.remoteAddress()).isEqualTo(server.address());
      link.channel().close().sync();
    }
  }

  @Test
  void aRefusalOfTheProxyIsAnErrorWithoutItsPassword() throws Exception {
    try (ConnectProxy proxy = ConnectProxy.start().requireBasic("user", "right")) {
      String url = "http://user:wrong@127.0.0.1:" + proxy.address().getPort();
      assertThatThrownBy(
              () -> dial(DerpEndpoint.of("relay.test", 443), settings("HTTPS_PROXY", url)))
          .isInstanceOfSatisfying(
              DialException.class, e -> assertThat(e.step()).isEqualTo(DialStep.PROXY))
          .message()
          .startsWith("relay.test:443: proxy: the answer was 407 Proxy Authentication Required")
          .doesNotContain("wrong");
      assertThatThrownBy(
              () ->
                  dial(
                      DerpEndpoint.of("relay.test", 443),
                      settings("HTTPS_PROXY", "socks5://user:wrong@127.0.0.1:1")))
          .hasMessage(
              "relay.test:443: proxy: HTTPS_PROXY is not the URL of an HTTP or HTTPS proxy");
    }
  }

  @Test
  void aHostThatIsNoHostHeaderIsAnErrorBeforeAnythingIsSent() throws Exception {
    try (ConnectProxy proxy = ConnectProxy.start()) {
      DialSettings settings =
          settings("HTTPS_PROXY", "http://127.0.0.1:" + proxy.address().getPort());
      DerpEndpoint split = DerpEndpoint.of("a\r\nX-Evil: 1", 443).withName("evil");
      assertThatThrownBy(() -> dial(split, settings))
          .hasMessage("evil: dns: the host is not valid in a Host header");
      DerpEndpoint empty = DerpEndpoint.of("", 443).withName("empty");
      assertThatThrownBy(() -> dial(empty, settings))
          .hasMessage("empty: proxy: the endpoint has no host to tell a proxy");
      assertThat(proxy.requests()).isEmpty();
    }
  }

  private static DialSettings settings(String variable, String proxy) throws Exception {
    return DialSettings.builder()
        .proxies(new ProxyEnvironment(Map.of(variable, proxy)))
        .resolver(NO_DNS)
        .roots(DialTlsTest.trust(AUTHORITY))
        .build();
  }

  private StubServer relay(boolean tls) throws Exception {
    StubServer.Conversation conversation =
        peer -> {
          if (!peer.head().contains("Derp-Fast-Start: 1")) {
            peer.write(DialTest.SWITCHING);
          }
          peer.write(new Frame.ServerKey(serverKey.publicKey()));
          peer.admit(serverKey);
          peer.echo();
        };
    return tls
        ? StubServer.tls(
            TestServerTls.context(
                TestServerTls.with(RELAY, TestServerTls.meta(serverKey.publicKey()))),
            conversation)
        : StubServer.plain(conversation);
  }

  private DerpLink dial(DerpEndpoint endpoint, DialSettings settings) throws Exception {
    return Loops.await(DerpDialer.dial(loops.loop(), endpoint, identity, settings));
  }
}
