package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

final class ClientHelloTest {
  private static final int RECORD_AND_MESSAGE_HEAD = 5 + 4;

  /// What Java's own TLS sends first, behind the heads of record and message.
  static byte[] message(String name, String... protocols) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    if (name != null) {
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    parameters.setApplicationProtocols(protocols);
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(20_000);
    engine.wrap(ByteBuffer.allocate(0), out);
    byte[] bytes = new byte[out.position() - RECORD_AND_MESSAGE_HEAD];
    out.get(RECORD_AND_MESSAGE_HEAD, bytes);
    return bytes;
  }

  private static Optional<ClientHello> parse(byte[] message) {
    ByteBuf bytes = Unpooled.wrappedBuffer(message);
    Optional<ClientHello> hello = ClientHello.parse(bytes);
    assertThat(bytes.readableBytes()).as("indices are left alone").isEqualTo(message.length);
    return hello;
  }

  @Test
  void name_and_protocols_are_found() throws Exception {
    assertThat(parse(message("derp.example.com", "acme-tls/1")))
        .contains(new ClientHello("derp.example.com", List.of("acme-tls/1")));
    assertThat(parse(message("derp.example.com", "h2", "http/1.1")))
        .contains(new ClientHello("derp.example.com", List.of("h2", "http/1.1")));
  }

  @Test
  void both_may_be_missing() throws Exception {
    assertThat(parse(message(null))).contains(new ClientHello(null, List.of()));
  }

  @Test
  void old_clients_have_no_extensions_at_all() {
    byte[] message = new byte[34 + 1 + 2 + 2 + 1 + 1];
    message[36] = 2; // One cipher suite.
    message[39] = 1; // One compression.
    assertThat(parse(message)).contains(new ClientHello(null, List.of()));
  }

  @Test
  void a_message_cut_short_anywhere_is_malformed() throws Exception {
    byte[] whole = message("derp.example.com", "http/1.1");
    int well = 0;
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      well += parse(part).isPresent() ? 1 : 0;
    }
    assertThat(well).as("only where the extensions have not begun").isLessThanOrEqualTo(1);
  }
}
