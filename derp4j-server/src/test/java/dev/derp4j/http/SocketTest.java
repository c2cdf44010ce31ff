package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/// The HTTP phase behind real sockets, with and without TLS. What is upgraded is echoed.
@Timeout(60)
class SocketTest {
  private static final String UPGRADE =
      HttpChannel.request("GET", "/derp", "Upgrade: DERP", "Derp-Fast-Start: 1");

  /// So that little data makes them full.
  private static final int SMALL_BUFFER = 16 * 1024;

  private final Metrics metrics = new Metrics("1.2.3", "derper");
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private volatile @Nullable Channel accepted;
  private long handshakeTimeoutMillis = 30_000;

  private SocketAddress serve(HttpSite.Mode mode, @Nullable SslContext tls) {
    HttpSite site =
        HttpSite.builder(metrics, (ctx, _) -> HttpPhase.handOver(ctx, "echo", new Echo()))
            .build(mode);
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childOption(ChannelOption.SO_SNDBUF, SMALL_BUFFER)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                accepted = channel;
                if (tls != null) {
                  SslHandler handler = tls.newHandler(channel.alloc());
                  handler.setHandshakeTimeoutMillis(handshakeTimeoutMillis);
                  channel.pipeline().addLast(handler);
                }
                HttpPhase.install(channel.pipeline(), site);
              }
            })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .syncUninterruptibly()
        .channel()
        .localAddress();
  }

  private static Socket connect(SocketAddress server) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(SMALL_BUFFER);
    socket.connect(server);
    return socket;
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.write((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  @Test
  void requestsAreAnsweredUntilTheClientCloses() throws IOException {
    try (Socket socket = connect(serve(HttpSite.Mode.DERP_PLAIN, null))) {
      send(socket, HttpChannel.get("/derp/probe"));
      assertThat(head(socket)).startsWith("HTTP/1.1 200 OK\r\n");
      send(socket, HttpChannel.get("/generate_204"));
      assertThat(head(socket)).startsWith("HTTP/1.1 204 No Content\r\n");
    }
    await().until(() -> metrics.closedCount(CloseReason.HTTP_DONE) == 1);
  }

  @Test
  void metricsComeWithTheirLengthAndFromAThreadOfTheirOwn() throws IOException {
    try (Socket socket = connect(serve(HttpSite.Mode.DERP_PLAIN, null))) {
      send(socket, HttpChannel.get("/debug/varz") + HttpChannel.get("/generate_204"));
      String head = head(socket);
      byte[] body = socket.getInputStream().readNBytes(contentLength(head));
      String page = new String(body, StandardCharsets.UTF_8);

      assertThat(page).contains("\nderp_accepts 0\n").endsWith("binary=\"derper\"} 1\n");
      assertThat(head(socket)).startsWith("HTTP/1.1 204 ");
    }
  }

  @Test
  void anUpgradedConnectionCarriesBytesBothWaysFromTheFirstOn() throws Exception {
    byte[] frames = new byte[300_000];
    new Random(11).nextBytes(frames);
    try (Socket socket = connect(serve(HttpSite.Mode.DERP_PLAIN, null))) {
      assertThat(echoed(socket, frames)).isEqualTo(frames);
    }
  }

  private static byte[] echoed(Socket socket, byte[] frames) throws Exception {
    byte[] first = Arrays.copyOf(frames, 70_000);
    byte[] request = UPGRADE.getBytes(StandardCharsets.US_ASCII);
    byte[] together = Arrays.copyOf(request, request.length + first.length);
    System.arraycopy(first, 0, together, request.length, first.length);
    OutputStream out = socket.getOutputStream();
    Thread sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    out.write(together);
                    out.write(frames, first.length, frames.length - first.length);
                    out.flush();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    byte[] echo = socket.getInputStream().readNBytes(frames.length);
    sender.join();
    return echo;
  }

  @Test
  void theLastWordIsHeardThoughTheClientGoesOnSending() throws IOException {
    try (Socket socket = connect(serve(HttpSite.Mode.DERP_PLAIN, null))) {
      send(socket, "GET / HTTP/1.1\r\nHost: h\r\n" + "X: a\r\n".repeat(20_000));

      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(all).startsWith("HTTP/1.1 431 ").endsWith("431 Request Header Fields Too Large");
    }
    await().until(() -> metrics.closedCount(CloseReason.HTTP_MALFORMED) == 1);
  }

  @Test
  void aClientThatAsksAndAsksIsReadNoFurtherThanItReads() throws Exception {
    int requests = 1000;
    try (Socket socket = connect(serve(HttpSite.Mode.DERP_PLAIN, null))) {
      Thread sender =
          Thread.ofPlatform()
              .start(() -> sendQuietly(socket, HttpChannel.get("/").repeat(requests)));
      await().until(() -> accepted != null);
      Channel server = Objects.requireNonNull(accepted);
      await().until(() -> !server.config().isAutoRead());

      assertThat(server.unsafe().outboundBuffer().totalPendingWriteBytes()).isLessThan(200_000);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = 0; i < requests; i++) {
        in.readNBytes(contentLength(head(in)));
      }
      sender.join();
    }
  }

  private static void sendQuietly(Socket socket, String text) {
    try {
      send(socket, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void tlsVersionsCountByRequestAndWhileOneIsAnsweredOrUpgraded(String protocol) throws Exception {
    TestTls tls = new TestTls();
    SocketAddress server = serve(HttpSite.Mode.DERP_TLS, tls.server());
    String version = protocol.substring("TLSv".length());
    byte[] frames = "some frames".getBytes(StandardCharsets.US_ASCII);
    try (SSLSocket kept = tls.connect(server, protocol);
        SSLSocket upgraded = tls.connect(server, protocol)) {
      send(kept, HttpChannel.get("/derp/probe"));
      assertThat(head(kept)).startsWith("HTTP/1.1 200 OK\r\n");
      assertThat(metrics.value(Metric.TLS_REQUEST_VERSION, version)).isOne();
      await().until(() -> metrics.value(Metric.TLS_ACTIVE_VERSION, version) == 0);

      send(upgraded, UPGRADE);
      upgraded.getOutputStream().write(frames);
      assertThat(upgraded.getInputStream().readNBytes(frames.length)).isEqualTo(frames);
      assertThat(metrics.value(Metric.TLS_REQUEST_VERSION, version)).isEqualTo(2);
      assertThat(metrics.value(Metric.TLS_ACTIVE_VERSION, version)).isOne();
    }
    await().until(() -> metrics.value(Metric.TLS_ACTIVE_VERSION, version) == 0);
  }

  @Test
  void theLastWordIsHeardThroughTlsToo() throws Exception {
    TestTls tls = new TestTls();
    try (SSLSocket socket = tls.connect(serve(HttpSite.Mode.DERP_TLS, tls.server()), "TLSv1.3")) {
      send(socket, "nonsense\r\n\r\n");

      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(all).startsWith("HTTP/1.1 400 Bad Request\r\n");
    }
  }

  @Test
  void whatIsNoTlsIsCountedAsSuch() throws Exception {
    SocketAddress server = serve(HttpSite.Mode.DERP_TLS, new TestTls().server());
    try (Socket socket = connect(server)) {
      send(socket, HttpChannel.get("/"));
      socket.getInputStream().readAllBytes();
    }
    await().until(() -> metrics.closedCount(CloseReason.TLS_HANDSHAKE) == 1);
  }

  @Test
  void aTlsHandshakeThatNeverComesIsCountedAsSuch() throws Exception {
    handshakeTimeoutMillis = 50;
    try (Socket socket = connect(serve(HttpSite.Mode.DERP_TLS, new TestTls().server()))) {
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
    await().until(() -> metrics.closedCount(CloseReason.TLS_TIMEOUT) == 1);
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static int contentLength(String head) {
    return Integer.parseInt(head.replaceAll("(?s).*Content-Length: (\\d+)\r\n.*", "$1"));
  }

  /// Reads up to the blank line, and not a byte further.
  private static String head(Socket socket) throws IOException {
    return head(socket.getInputStream());
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }
}
