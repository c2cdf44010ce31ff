package dev.derp4j.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
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
            "http/1.1");
    var engine =
        (ReferenceCountedOpenSslEngine)
            Objects.requireNonNull(context.newHandler(ByteBufAllocator.DEFAULT)).engine();

    context.close();
    assertThat(engine.sslPointer()).isNotZero();
    var another = context.newHandler(ByteBufAllocator.DEFAULT);
    assertThat(another).as("while a connection is up").isNotNull();
    ((ReferenceCountedOpenSslEngine) Objects.requireNonNull(another).engine()).release();

    engine.release();
    assertThat(context.newHandler(ByteBufAllocator.DEFAULT))
        .as("after the last connection")
        .isNull();
  }
}
