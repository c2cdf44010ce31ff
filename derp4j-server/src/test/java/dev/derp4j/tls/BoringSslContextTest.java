package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

final class BoringSslContextTest {
  @Test
  void a_closed_context_makes_no_handler_and_lives_on_in_those_it_made() throws Exception {
    TestAuthority authority = new TestAuthority();
    KeyPair keys = TestAuthority.keys("EC", 256);
    X509Certificate leaf =
        authority.certify(keys.getPublic(), TestAuthority.Validity.days(-1, 1), "a.example");
    BoringSslContext context =
        new BoringSslContext(
            ServerName.of("a.example"),
            new X509Certificate[] {leaf},
            keys.getPrivate(),
            "http/1.1",
            Duration.ofSeconds(10));
    EmbeddedChannel connection =
        new EmbeddedChannel(Objects.requireNonNull(context.newHandler(ByteBufAllocator.DEFAULT)));

    context.close();
    assertThat(connection.isOpen()).isTrue();
    var another = context.newHandler(ByteBufAllocator.DEFAULT);
    assertThat(another).as("while a connection is up").isNotNull();
    Objects.requireNonNull(another).release();

    connection.finishAndReleaseAll();
    assertThat(context.newHandler(ByteBufAllocator.DEFAULT))
        .as("after the last connection")
        .isNull();
  }
}
