package dev.derp4j.http;

import dev.derp4j.http.names.NameLookup;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/// `CONNECT` to the control plane, over real sockets and TLS; the control plane is a socket of the
/// test.
@Timeout(60)
class TunnelTest {
  private static final String HOST = "controlplane.tailscale.com";

  private final Metrics metrics = new Metrics("1.2.3", "derper");
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final TestTls tls = new TestTls();

  @AutoClose
  private final ServerSocket control = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

  private final FakeNames names = new FakeNames();

  TunnelTest() throws Exception {}

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static final class FakeNames implements NameLookup {
    CompletableFuture<List<InetAddress>> answer =
        CompletableFuture.completedFuture(List.of(InetAddress.getLoopbackAddress()));

    @Override
    public CompletableFuture<List<InetAddress>> addresses(String name) {
      return answer;
    }

    @Override
    public CompletableFuture<List<String>> texts(String name) {
      return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public void close() {}
  }

  /// Connects to the test's port whatever port was asked for.
  private final class Dialer extends TunnelDialer {
    Dialer(Predicate<InetAddress> allowed) {
      super(names, allowed);
    }

    @Override
    Promise<Channel> dial(Channel client, ConnectTarget target) {
      return super.dial(client, new ConnectTarget(target.host(), control.getLocalPort()));
    }
  }

  private SSLSocket connect(boolean enabled, Predicate<InetAddress> allowed) throws Exception {
    HttpSite site =
        HttpSite.builder(metrics, (ctx, _) -> ctx.close())
            .ace(enabled, new Dialer(allowed))
            .build(HttpSite.Mode.DERP_TLS);
    Channel server =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(tls.server().newHandler(channel.alloc()));
                    HttpPhase.install(channel.pipeline(), site);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
    return tls.connect(server.localAddress(), "TLSv1.3");
  }

  private SSLSocket open() throws Exception {
    return connect(true, _ -> true);
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String request(String target) {
    return "CONNECT " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }

  private static String read(Socket socket, int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  private static String answer(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append(read(socket, 1));
    }
    return head.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {HOST + ":443", HOST + ":80", "a.b.tailscale.com:443"})
  void bytesGoBothWaysFromTheFirstOn(String target) throws Exception {
    try (SSLSocket client = open()) {
      send(client, request(target) + "early");
      try (Socket server = control.accept()) {
        assertThat(answer(client)).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
        assertThat(read(server, 5)).isEqualTo("early");
        send(server, "answer");
        assertThat(read(client, 6)).isEqualTo("answer");
        send(client, "more");
        assertThat(read(server, 4)).isEqualTo("more");
      }
      assertThat(client.getInputStream().read()).as("the server has closed").isEqualTo(-1);
    }
    await().until(() -> metrics.closedCount(CloseReason.HTTP_DONE) == 1);
  }

  @Test
  void muchMoreThanTheBuffersHoldArrivesWholeAtASlowReader() throws Exception {
    byte[] bytes = new byte[4_000_000];
    new Random(5).nextBytes(bytes);
    try (SSLSocket client = open()) {
      send(client, request(HOST + ":443"));
      try (Socket server = control.accept()) {
        answer(client);
        Thread sender =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        server.getOutputStream().write(bytes);
                        server.shutdownOutput();
                      } catch (IOException e) {
                        throw new IllegalStateException(e);
                      }
                    });
        assertThat(client.getInputStream().readAllBytes()).isEqualTo(bytes);
        sender.join();
      }
    }
  }

  @Test
  void aServerThatHasSaidAllMayStillListen() throws Exception {
    try (SSLSocket client = open()) {
      send(client, request(HOST + ":443"));
      try (Socket server = control.accept()) {
        answer(client);
        send(server, "all");
        server.shutdownOutput();
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
            .isEqualTo("all");
        send(client, "heard");
        assertThat(read(server, 5)).isEqualTo("heard");
      }
    }
  }

  @Test
  void aClientThatLeavesIsTheEndOfBoth() throws Exception {
    try (SSLSocket client = open()) {
      send(client, request(HOST + ":443"));
      try (Socket server = control.accept()) {
        answer(client);
        client.close();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
      }
    }
    await().until(() -> metrics.closedCount(CloseReason.HTTP_DONE) == 1);
  }

  @ParameterizedTest
  @CsvSource({
    "controlplane.tailscale.com:22",
    "controlplane.tailscale.com",
    "controlplane.tailscale.com:0443",
    "controlplane.tailscale.com:",
    "derp1.tailscale.com:443",
    "aderpa.tailscale.com:443",
    "tailscale.com:443",
    "eviltailscale.com:443",
    "controlplane.tailscale.com.evil.example:443",
    "controlplane.tailscale.com@127.0.0.1:443",
    "127.0.0.1:443",
    "[::1]:443",
    "..tailscale.com:443",
    "a%2e.tailscale.com:443"
  })
  void otherTargetsAreRefused(String target) throws Exception {
    try (SSLSocket client = open()) {
      send(client, request(target));
      assertThat(answer(client)).startsWith("HTTP/1.1 403 Forbidden\r\n");
      assertThat(read(client, 23)).isEqualTo("Invalid CONNECT target\n");
    }
  }

  @Test
  void withoutTheFlagThereIsNoConnect() throws Exception {
    try (SSLSocket client = connect(false, _ -> true)) {
      send(client, request(HOST + ":443"));
      assertThat(answer(client)).startsWith("HTTP/1.1 403 Forbidden\r\n");
      assertThat(read(client, 20)).isEqualTo("CONNECT not enabled\n");
    }
  }

  @Test
  void aNameThatDoesNotResolveIsABadGateway() throws Exception {
    names.answer = CompletableFuture.failedFuture(new UnknownHostException(HOST));
    assertBadGateway(open());
  }

  @Test
  void aPortThatNobodyListensOnIsABadGateway() throws Exception {
    control.close();
    assertBadGateway(open());
  }

  @Test
  void aNameServerThatLiesOpensNoPrivateNetwork() throws Exception {
    assertBadGateway(connect(true, TunnelDialer::isPublic));
  }

  private static void assertBadGateway(SSLSocket client) throws IOException {
    try (client) {
      send(client, request(HOST + ":443") + "early");
      assertThat(answer(client)).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
      assertThat(read(client, 16)).isEqualTo("Connect failure\n");
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, true",
    "100.63.255.255, true",
    "172.32.0.1, true",
    "2606:4700::1, true",
    "127.0.0.1, false",
    "0.1.2.3, false",
    "10.0.0.1, false",
    "172.16.0.1, false",
    "192.168.1.1, false",
    "169.254.169.254, false",
    "100.64.0.1, false",
    "224.0.0.1, false",
    "255.255.255.255, false",
    "::1, false",
    "::, false",
    "fe80::1, false",
    "fd7a:115c:a1e0::1, false",
    "64:ff9b::a00:1, false",
    "ff02::1, false"
  })
  void publicAddressesAreToldFromOthers(String address, boolean expected) {
    assertThat(TunnelDialer.isPublic(InetAddress.ofLiteral(address))).isEqualTo(expected);
  }
}
