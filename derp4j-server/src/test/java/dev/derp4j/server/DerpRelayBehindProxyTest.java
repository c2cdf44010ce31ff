package dev.derp4j.server;

import dev.derp4j.debug.AddressRanges;
import dev.derp4j.frame.Frame;
import dev.derp4j.http.HttpConfig;
import dev.derp4j.key.MeshKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.RawConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.derp4j.server.Eventually.LIMIT;
import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// A whole relay that is told by PROXY headers and `X-Forwarded-For` who its clients are.
class DerpRelayBehindProxyTest {
  private static final String V1 = "PROXY TCP4 203.0.113.5 198.51.100.1 4321 443\r\n";
  private static final String V2 =
      new String(
          HexFormat.of().parseHex("0d0a0d0a000d0a515549540a2111000ccb007105c633640110e101bb"),
          StandardCharsets.ISO_8859_1);
  private static final MeshKey MESH = MeshKey.parse("ab".repeat(32));

  static Stream<Wiring> wirings() {
    return Stream.of(
        Wiring.plain(), Wiring.plain().withNio(), Wiring.overTls(), Wiring.overTls().withJdkTls());
  }

  private static TestRelay behindProxyProtocol(Wiring wiring) {
    return TestRelay.start(
        wiring,
        config ->
            config
                .meshKey(MESH)
                .http(
                    HttpConfig.STANDARD.withProxies(
                        AddressRanges.parse("127.0.0.0/8"), AddressRanges.NONE)));
  }

  /// Stands where HAProxy stands: passes bytes on, behind a header.
  private record Proxy(ServerSocket socket) implements AutoCloseable {
    static Proxy before(InetSocketAddress relay, String header) throws IOException {
      Proxy proxy = new Proxy(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
      Thread.ofPlatform().daemon().start(() -> proxy.serve(relay, header));
      return proxy;
    }

    InetSocketAddress address() {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private void serve(InetSocketAddress relay, String header) {
      try {
        while (true) {
          Socket client = socket.accept();
          Socket server = new Socket(relay.getAddress(), relay.getPort());
          server.setTcpNoDelay(true);
          // A header may come in any pieces, and with the first bytes behind it.
          byte[] bytes = header.getBytes(StandardCharsets.ISO_8859_1);
          server.getOutputStream().write(bytes, 0, 5);
          server.getOutputStream().flush();
          server.getOutputStream().write(bytes, 5, bytes.length - 5);
          pass(client, server);
          pass(server, client);
        }
      } catch (IOException over) {
        // The test is.
      }
    }

    private static void pass(Socket from, Socket to) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try (InputStream in = from.getInputStream();
                    OutputStream out = to.getOutputStream()) {
                  in.transferTo(out);
                } catch (IOException over) {
                  // One side has gone, and so does the other.
                }
              });
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void clientsBehindAProxyAreKnownByTheirOwnAddress(Wiring wiring) throws Exception {
    for (String header : new String[] {V1, V2}) {
      try (TestRelay relay = behindProxyProtocol(wiring);
          Proxy proxy = Proxy.before(relay.address(), header);
          DerpTestClient watcher =
              DerpTestClient.connect(proxy.address(), relay.options().meshKey(MESH))) {
        watcher.watch();
        Frame.PeerPresent itself = watcher.expect(Frame.PeerPresent.class);
        assertThat(itself.toString()).contains("203.0.113.5", "4321");
        try (DerpTestClient client = DerpTestClient.connect(proxy.address(), relay.options())) {
          Frame.PeerPresent present = watcher.expect(Frame.PeerPresent.class);
          assertThat(present.toString()).contains("203.0.113.5");
          Packets.pass(client, watcher, Packets.numbered(1, 1000));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {V1, "PROXY UNKNOWN\r\n", "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n"})
  void noHeaderOpensTheDebugPages(String header) throws Exception {
    try (TestRelay relay = behindProxyProtocol(Wiring.plain());
        RawConnection connection = relay.openTcp()) {
      connection.write(header + "GET /debug/ HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(connection.readHead(LIMIT)).startsWith("HTTP/1.1 403 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "PROXY TCP5 a b 1 2\r\n"})
  void aProxyWithoutAGoodHeaderIsClosedAndCountedOnce(String bytes) throws Exception {
    try (CapturedLog log = new CapturedLog();
        TestRelay relay = behindProxyProtocol(Wiring.plain());
        RawConnection connection = relay.openTcp()) {
      connection.write(bytes);
      connection.readUntilClosed(LIMIT);
      eventually(() -> assertThat(relay.closed(CloseReason.PROXY_HEADER)).isOne());
      assertThat(relay.closed()).isOne();
      assertThat(log.lines())
          .filteredOn(line -> line.startsWith("derp: 127.0.0.1:"))
          .singleElement()
          .asString()
          .contains("PROXY header", "-proxy-protocol-from");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {V1})
  void aHeaderFromElsewhereIsNoRequest(String header) throws Exception {
    try (TestRelay relay = TestRelay.start(Wiring.plain());
        RawConnection connection = relay.openTcp()) {
      connection.write(header + "GET /debug/ HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(connection.readHead(LIMIT)).startsWith("HTTP/1.1 400 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"203.0.113.5", "10.9.9.9, 203.0.113.5"})
  void linesOfTheLogNameWhoAnHttpProxySpeaksFor(String forwarded) throws Exception {
    try (CapturedLog log = new CapturedLog();
        TestRelay relay =
            TestRelay.start(
                Wiring.plain(),
                config ->
                    config.http(
                        HttpConfig.STANDARD.withProxies(
                            AddressRanges.NONE, AddressRanges.parse("127.0.0.0/8"))));
        RawConnection connection = relay.openTcp()) {
      connection.write(
          "GET /derp HTTP/1.1\r\nHost: h\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n"
              + "X-Forwarded-For: "
              + forwarded
              + "\r\n\r\n");
      connection.readHead(LIMIT);
      connection.write("no client info");
      connection.readUntilClosed(LIMIT);
      eventually(
          () ->
              assertThat(log.lines())
                  .anySatisfy(line -> assertThat(line).startsWith("derp: 203.0.113.5:0: ")));
    }
  }
}
