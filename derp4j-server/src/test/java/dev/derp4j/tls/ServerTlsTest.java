package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metrics;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Real handshakes over loopback, on both engines.
final class ServerTlsTest {
  private static final String HOST = "derp.example.com";
  private static final byte[] KEY =
      HexFormat.of().parseHex("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
  private static final String META_NAME = "CN=derpkey" + HexFormat.of().formatHex(KEY);

  @TempDir Path directory;
  private final TestAuthority authority;
  private final TravellingClock clock = new TravellingClock();
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final Metrics metrics = new Metrics("test", "derper");
  private final LeakWatch leaks = new LeakWatch();
  private @Nullable ServerTlsConfig used;
  private @Nullable ServerTls running;
  private @Nullable TlsListener listening;

  ServerTlsTest() throws Exception {
    authority = new TestAuthority();
  }

  private void serve(TlsEngine engine, String hostname) throws Exception {
    serve(ServerTlsConfig.manual(directory, hostname).withEngine(engine).withClock(clock));
  }

  private void serve(ServerTlsConfig config) throws Exception {
    used = config;
    running = ServerTls.start(config, NodePublicKey.of(KEY), metrics, log::add);
    listening = new TlsListener(running);
  }

  private void serveHost(TlsEngine engine) throws Exception {
    authority.install(directory, HOST);
    serve(engine, HOST);
  }

  private TlsPeer peer() throws Exception {
    return new TlsPeer(authority.root()).asking(HOST);
  }

  private ServerTls tls() {
    return Objects.requireNonNull(running);
  }

  private TlsListener listener() {
    return Objects.requireNonNull(listening);
  }

  @AfterEach
  void stopAndLookForLeaks() throws Exception {
    ServerTlsConfig config = Objects.requireNonNull(used);
    listener().close();
    tls().close();
    running = null;
    listening = null;
    List<String> reports =
        leaks.reports(
            () -> {
              try (ServerTls another =
                  ServerTls.start(config, NodePublicKey.of(KEY), metrics, log::add)) {
                release(another.newHandler(ByteBufAllocator.DEFAULT));
              } catch (TlsConfigException impossible) {
                throw new AssertionError(impossible);
              }
            });
    leaks.close();
    assertThat(reports).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void a_client_that_trusts_the_root_gets_leaf_intermediate_and_meta_certificate(TlsEngine engine)
      throws Exception {
    X509Certificate leaf = authority.install(directory, HOST);
    serve(engine, HOST);

    try (SSLSocket socket = peer().connect(listener().port())) {
      List<X509Certificate> chain = TlsPeer.chain(socket);
      assertThat(chain).hasSize(3).startsWith(leaf, authority.intermediate());
      assertThat(chain.getLast().getSubjectX500Principal().getName()).isEqualTo(META_NAME);
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      assertThat(TlsPeer.echo(socket, "hello")).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BORINGSSL, EC, 256", "BORINGSSL, EC, 384", "BORINGSSL, EC, 521", "BORINGSSL, RSA, 2048",
        "BORINGSSL, Ed25519, 255",
    "JDK, EC, 256", "JDK, EC, 384", "JDK, EC, 521", "JDK, RSA, 2048", "JDK, Ed25519, 255"
  })
  void every_kind_of_key_serves_both_versions(TlsEngine engine, String algorithm, int size)
      throws Exception {
    KeyPair keys = TestAuthority.keys(algorithm, size);
    authority.install(directory, HOST, keys, TestAuthority.Validity.days(-1, 90), HOST);
    serve(engine, HOST);

    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      try (SSLSocket socket = peer().speaking(version).connect(listener().port())) {
        assertThat(socket.getSession().getProtocol()).isEqualTo(version);
        assertThat(TlsPeer.echo(socket, version)).isEqualTo(version);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_client_without_a_forward_secret_authenticated_cipher_is_refused(TlsEngine engine)
      throws Exception {
    serveHost(engine);

    TlsPeer old = peer().speaking("TLSv1.2").with("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    assertThatThrownBy(() -> old.connect(listener().port()))
        .isInstanceOf(SSLHandshakeException.class);
  }

  @ParameterizedTest
  @EnumSource
  void the_right_name_is_served_in_any_letter_case(TlsEngine engine) throws Exception {
    serveHost(engine);

    assertThat(peer().asking("DERP.Example.COM").chain(listener().port())).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource
  void another_name_or_none_is_not_served(TlsEngine engine) throws Exception {
    serveHost(engine);

    for (String wrong :
        new String[] {"other.example.com", "example.com", "derp.example.com.evil.org", null}) {
      TlsPeer stranger = peer().asking(wrong);
      assertThatThrownBy(() -> stranger.connect(listener().port()))
          .as("name %s", wrong)
          .isInstanceOf(IOException.class);
      assertThat(listener().nextHandshake().failure()).isNotNull();
    }
    assertThat(peer().chain(listener().port())).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource
  void a_relay_with_an_address_serves_any_name_and_none(TlsEngine engine) throws Exception {
    authority.install(directory, "192.0.2.7");
    serve(engine, "192.0.2.7");

    for (String name : new String[] {"derp.example.com", "other.example.com", null}) {
      assertThat(peer().asking(name).chain(listener().port())).as("name %s", name).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_self_signed_certificate_is_followed_by_the_meta_certificate_alone(TlsEngine engine)
      throws Exception {
    serve(engine, "192.0.2.7");
    X509Certificate own =
        CertificateFiles.in(directory, ServerName.of("192.0.2.7")).readChain().getFirst();

    List<X509Certificate> chain = new TlsPeer(own).chain(listener().port());
    assertThat(chain).hasSize(2).startsWith(own);
    assertThat(chain.getLast().getSubjectX500Principal().getName()).isEqualTo(META_NAME);
  }

  @ParameterizedTest
  @EnumSource
  void http_1_1_is_the_only_protocol_and_naming_none_is_fine(TlsEngine engine) throws Exception {
    serveHost(engine);

    try (SSLSocket browser = peer().offering("h2", "http/1.1").connect(listener().port());
        SSLSocket derp = peer().connect(listener().port())) {
      assertThat(browser.getApplicationProtocol()).isEqualTo("http/1.1");
      assertThat(derp.getApplicationProtocol()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_client_that_offers_other_protocols_only_never_gets_one_of_them(TlsEngine engine)
      throws Exception {
    serveHost(engine);
    TlsPeer stranger = peer().offering("h2", "imap");

    switch (engine) {
      case BORINGSSL -> {
        try (SSLSocket socket = stranger.connect(listener().port())) {
          assertThat(socket.getApplicationProtocol()).isEmpty();
        }
      }
      case JDK ->
          assertThatThrownBy(() -> stranger.connect(listener().port()))
              .hasMessageContaining("no_application_protocol");
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_meta_certificate_is_renewed_under_living_connections(TlsEngine engine) throws Exception {
    serveHost(engine);

    try (SSLSocket old = peer().connect(listener().port())) {
      X509Certificate first = TlsPeer.chain(old).getLast();
      clock.travel(Duration.ofDays(9));
      assertThat(peer().chain(listener().port()).getLast()).isEqualTo(first);

      clock.travel(Duration.ofDays(20));
      List<X509Certificate> later = peer().chain(listener().port());
      assertThat(later).hasSize(3);
      assertThat(later.getLast()).isNotEqualTo(first);
      assertThat(later.getLast().getNotAfter().toInstant())
          .isAfter(clock.instant().plus(Duration.ofDays(29)));
      assertThat(later.getLast().getSubjectX500Principal().getName()).isEqualTo(META_NAME);
      assertThat(peer().chain(listener().port())).isEqualTo(later);
      assertThat(TlsPeer.echo(old, "still here")).isEqualTo("still here");
    }
  }

  @ParameterizedTest
  @EnumSource
  void handlers_are_made_by_many_threads_while_contexts_are_swapped(TlsEngine engine)
      throws Exception {
    serveHost(engine);

    try (ExecutorService loops = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        done.add(
            loops.submit(
                () -> {
                  for (int swaps = 0; swaps < 50; swaps++) {
                    clock.travel(Duration.ofDays(11));
                    for (int connections = 0; connections < 10; connections++) {
                      release(tls().newHandler(ByteBufAllocator.DEFAULT));
                    }
                  }
                }));
      }
      for (Future<?> loop : done) {
        loop.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(log).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void the_meta_certificate_is_renewed_when_the_clock_was_far_in_the_future(TlsEngine engine)
      throws Exception {
    serveHost(engine);
    X509Certificate first = peer().chain(listener().port()).getLast();

    clock.travel(Duration.ofDays(-365));
    assertThat(peer().chain(listener().port()).getLast()).isNotEqualTo(first);
  }

  @ParameterizedTest
  @EnumSource
  void no_session_is_resumed(TlsEngine engine) throws Exception {
    serveHost(engine);

    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      TlsPeer peer = peer().speaking(version);
      long before = System.currentTimeMillis();
      for (int i = 0; i < 3; i++) {
        try (SSLSocket socket = peer.connect(listener().port())) {
          assertThat(TlsPeer.echo(socket, "x")).isEqualTo("x");
          assertThat(socket.getSession().getCreationTime()).isGreaterThanOrEqualTo(before);
          before = System.currentTimeMillis();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_client_cannot_renegotiate(TlsEngine engine) throws Exception {
    serveHost(engine);

    try (SSLSocket socket = peer().speaking("TLSv1.2").connect(listener().port())) {
      assertThat(TlsPeer.echo(socket, "before")).isEqualTo("before");
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                TlsPeer.echo(socket, "after");
              })
          .isInstanceOf(IOException.class);
    }
  }

  /// Java's client asks for new keys where it is told to begin another handshake.
  @ParameterizedTest
  @EnumSource
  void a_client_may_have_the_keys_renewed(TlsEngine engine) throws Exception {
    serveHost(engine);

    try (SSLSocket socket = peer().connect(listener().port())) {
      for (int i = 0; i < 5; i++) {
        assertThat(TlsPeer.echo(socket, "before " + i)).isEqualTo("before " + i);
        socket.startHandshake();
        String text = ("after " + i).repeat(5000);
        assertThat(TlsPeer.echo(socket, text)).isEqualTo(text);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void no_client_is_asked_for_a_certificate(TlsEngine engine) throws Exception {
    serveHost(engine);
    TlsPeer peer = peer();
    peer.chain(listener().port());

    assertThat(peer.askedForCertificate).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void a_silent_client_is_cut_off_when_its_time_is_over(TlsEngine engine) throws Exception {
    authority.install(directory, HOST);
    serve(
        ServerTlsConfig.manual(directory, HOST)
            .withEngine(engine)
            .withHandshakeTimeout(Duration.ofMillis(50)));

    try (Socket silent = plain()) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(listener().nextHandshake().failure()).hasMessageContaining("timed out");
    }
  }

  @ParameterizedTest
  @EnumSource
  void plain_http_and_noise_close_only_their_own_connection(TlsEngine engine) throws Exception {
    serveHost(engine);

    try (SSLSocket bystander = peer().connect(listener().port())) {
      for (String noise :
          List.of(
              "GET /derp HTTP/1.1\r\nHost: x\r\n\r\n",
              "\u0016\u0003\u0001\u0000\u0005hello",
              "\0\0\0\0\0\0")) {
        try (Socket socket = plain()) {
          socket.getOutputStream().write(noise.getBytes(StandardCharsets.ISO_8859_1));
          assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(100);
        }
      }
      assertThat(TlsPeer.echo(bystander, "unharmed")).isEqualTo("unharmed");
    }
  }

  @ParameterizedTest
  @EnumSource
  void writes_between_two_flushes_share_a_record(TlsEngine engine) throws Exception {
    serveHost(engine);

    try (SSLSocket socket = peer().speaking("TLSv1.2").connect(listener().port())) {
      String text = "x".repeat(8_000); // Comes back in 80 writes and one flush for each read.
      assertThat(TlsPeer.echo(socket, text)).isEqualTo(text);
      assertThat(listener().applicationRecords).hasValueLessThan(10);
    }
  }

  @ParameterizedTest
  @EnumSource
  void connections_outlive_the_closing_of_tls(TlsEngine engine) throws Exception {
    serveHost(engine);

    try (SSLSocket socket = peer().connect(listener().port())) {
      ServerTls closed = tls();
      closed.close();
      closed.close();
      assertThat(TlsPeer.echo(socket, "still here")).isEqualTo("still here");
      assertThatThrownBy(() -> closed.newHandler(ByteBufAllocator.DEFAULT))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static void release(ChannelHandler handler) {
    switch (handler) {
      case BoringSslHandler boring -> boring.release();
      case SslHandler netty -> ReferenceCountUtil.release(netty.engine());
      default -> throw new AssertionError(handler);
    }
  }

  private Socket plain() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener().port());
    socket.setSoTimeout(10_000);
    return socket;
  }
}
