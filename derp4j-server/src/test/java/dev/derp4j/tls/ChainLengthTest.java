package dev.derp4j.tls;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/// A chain that grew by one at each handshake killed relays after days, twice. So this does as many
/// handshakes as there are in days, without sockets, with everything in between
/// that could make a chain longer.
final class ChainLengthTest {
  private static final String HOST = "derp.example.com";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"BORINGSSL, 10000", "JDK, 200"})
  void the_chain_is_as_long_after_all_those_handshakes_as_at_first(TlsEngine engine, int handshakes)
      throws Exception {
    TestAuthority authority = new TestAuthority();
    authority.install(directory, HOST);
    TravellingClock clock = new TravellingClock();
    ServerTlsConfig config =
        ServerTlsConfig.manual(directory, HOST).withEngine(engine).withClock(clock);
    SslContext client =
        SslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE) // Verifying is not what is tested.
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
            .build();
    try (ServerTls tls =
        ServerTls.start(
            config,
            NodePublicKey.of(new byte[32]),
            new Metrics("test", "derper"),
            line -> {
              throw new AssertionError(line);
            })) {
      for (int i = 0; i < handshakes; i++) {
        if (i % 1000 == 100) {
          clock.travel(Duration.ofDays(11)); // Renews the meta certificate.
          clock.travel(Duration.ofDays(-11));
        }
        assertThat(chain(client, tls)).as("handshake %d", i).hasSize(3);
      }
    } finally {
      ReferenceCountUtil.release(client);
    }
  }

  /// What the client was presented in a handshake of the two.
  private static List<Certificate> chain(SslContext context, ServerTls tls) throws SSLException {
    SslHandler client = context.newHandler(ByteBufAllocator.DEFAULT, HOST, 443);
    EmbeddedChannel there = new EmbeddedChannel(client);
    EmbeddedChannel here = new EmbeddedChannel(tls.newHandler(ByteBufAllocator.DEFAULT));
    try {
      for (int round = 0; round < 10 && !client.handshakeFuture().isDone(); round++) {
        pass(there, here);
        pass(here, there);
      }
      assertThat(client.handshakeFuture().isSuccess()).as("the handshake succeeds").isTrue();
      return List.of(client.engine().getSession().getPeerCertificates());
    } finally {
      there.finishAndReleaseAll();
      here.finishAndReleaseAll();
    }
  }

  private static void pass(EmbeddedChannel from, EmbeddedChannel to) {
    for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
      to.writeInbound(bytes);
    }
  }
}
