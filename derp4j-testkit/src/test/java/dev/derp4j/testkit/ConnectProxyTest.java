package dev.derp4j.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class ConnectProxyTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private ServerSocket listener;
  private ConnectProxy proxy;

  @BeforeEach
  void start() throws IOException {
    listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    listener.setSoTimeout((int) LIMIT.toMillis());
    proxy = ConnectProxy.start();
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    listener.close();
  }

  @Test
  void aTunnelLeadsWhereTheRouteSays() throws IOException {
    proxy.route("derp.example.com:443", server());
    try (RawConnection client = ask("CONNECT DERP.example.com:443 HTTP/1.1", "Host: x", "A: b")) {
      assertThat(client.readHead(LIMIT)).startsWith("HTTP/1.1 200 ");
      assertTunnel(client);
    }
    ConnectProxy.Request request = proxy.requests().getFirst();
    assertThat(request.method()).isEqualTo("CONNECT");
    assertThat(request.target()).isEqualTo("DERP.example.com:443");
    assertThat(request.headers()).containsEntry("host", "x").containsEntry("a", "b");
    assertThat(request.status()).isEqualTo(200);
  }

  @Test
  void withoutARouteItLeadsWhereTheRequestSays() throws IOException {
    try (RawConnection client = ask("CONNECT " + target() + " HTTP/1.1")) {
      assertThat(client.readHead(LIMIT)).startsWith("HTTP/1.1 200 ");
      assertTunnel(client);
    }
  }

  @Test
  void bytesBehindTheRequestReachTheServer() throws IOException {
    try (RawConnection client = RawConnection.connect(proxy.address())) {
      client.write("CONNECT " + target() + " HTTP/1.1\r\n\r\nearly");
      try (Socket server = listener.accept()) {
        assertThat(server.getInputStream().readNBytes(5)).isEqualTo("early".getBytes(UTF_8));
      }
    }
  }

  @Test
  void itCanBeSpokenToOverTls() throws IOException {
    try (ConnectProxy tls = ConnectProxy.start(TestCertificates.selfSigned("proxy.example"));
        RawConnection client =
            RawConnection.connect(tls.address(), 0, TlsSettings.trustAll("proxy.example"))) {
      client.write("CONNECT " + target() + " HTTP/1.1\r\n\r\n");
      assertThat(client.readHead(LIMIT)).startsWith("HTTP/1.1 200 ");
      assertTunnel(client);
    }
  }

  @Test
  void onlyTheRightCredentialsGetThrough() throws IOException {
    proxy.requireBasic("user", "pass:word");
    try (RawConnection client = ask("CONNECT " + target() + " HTTP/1.1")) {
      assertThat(client.readHead(LIMIT))
          .startsWith("HTTP/1.1 407 ")
          .contains("\r\nProxy-Authenticate: Basic ");
    }
    String pair = Base64.getEncoder().encodeToString("user:pass:word".getBytes(UTF_8));
    try (RawConnection client =
        ask("CONNECT " + target() + " HTTP/1.1", "Proxy-Authorization: Basic " + pair)) {
      assertThat(client.readHead(LIMIT)).startsWith("HTTP/1.1 200 ");
      assertTunnel(client);
    }
    assertThat(proxy.awaitRequests(2, LIMIT))
        .extracting(ConnectProxy.Request::status)
        .containsExactly(407, 200);
  }

  @Test
  void whatCannotBeReachedIsABadGateway() throws IOException {
    String target = target();
    listener.close();
    for (String bad : new String[] {target, "nowhere", "host:port", "h:70000"}) {
      try (RawConnection client = ask("CONNECT " + bad + " HTTP/1.1")) {
        assertThat(client.readHead(LIMIT)).startsWith("HTTP/1.1 502 ");
        assertThat(client.readUntilClosed(LIMIT)).isEmpty();
      }
    }
  }

  @Test
  void anythingButConnectIsNotAllowed() throws IOException {
    try (RawConnection client = ask("GET http://example.com/ HTTP/1.1")) {
      assertThat(client.readHead(LIMIT)).startsWith("HTTP/1.1 405 ");
    }
  }

  @Test
  void aTestsOwnAnswerIsGivenAsItIs() throws IOException {
    proxy.answerAlways("HTTP/1.1 503 Busy\r\n\r\n");
    try (RawConnection client = ask("CONNECT " + target() + " HTTP/1.1")) {
      assertThat(client.readUntilClosed(LIMIT))
          .isEqualTo("HTTP/1.1 503 Busy\r\n\r\n".getBytes(UTF_8));
    }
    assertThat(proxy.requests().getFirst().status()).isZero();
  }

  @Test
  void closingEndsTheTunnels() throws IOException {
    try (RawConnection client = ask("CONNECT " + target() + " HTTP/1.1")) {
      assertThat(client.readHead(LIMIT)).startsWith("HTTP/1.1 200 ");
      try (Socket server = listener.accept()) {
        proxy.close();
        assertThat(client.readUntilClosed(LIMIT)).isEmpty();
        server.setSoTimeout((int) LIMIT.toMillis());
        assertThat(server.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void waitsInVainSayWhatWasAsked() {
    assertThatThrownBy(() -> proxy.awaitRequests(1, Duration.ofMillis(20)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not 1 requests");
  }

  private RawConnection ask(String... lines) throws IOException {
    RawConnection client = RawConnection.connect(proxy.address());
    client.write(String.join("\r\n", lines) + "\r\n\r\n");
    return client;
  }

  private InetSocketAddress server() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  private String target() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  private void assertTunnel(RawConnection client) throws IOException {
    try (Socket server = listener.accept()) {
      client.write("question");
      assertThat(server.getInputStream().readNBytes(8)).isEqualTo("question".getBytes(UTF_8));
      server.getOutputStream().write("answer".getBytes(UTF_8));
      assertThat(client.read(6, LIMIT)).isEqualTo("answer".getBytes(UTF_8));
      client.shutdownOutput();
      assertThat(server.getInputStream().read()).isEqualTo(-1);
    }
  }
}
