package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.DerpTestClient;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// Clients in WebSockets beside clients of plain DERP, on a whole relay.
class DerpRelayWebSocketTest {
  private static final int[] SIZES = {0, 1, 88, 89, 1280, 32_731, 32_732, 65_536};

  @AutoClose private final TestRelay relay = TestRelay.start(Wiring.plain());

  @ParameterizedTest
  @ValueSource(ints = {1000, 4096, 32 * 1024})
  void packetsOfEverySizeReachAPlainClientAndComeBack(int messageLength) throws Exception {
    try (DerpTestClient plain = relay.connect();
        WebSocketClient browser = new WebSocketClient(relay.address())) {
      assertThat(browser.subprotocol()).isEqualTo("derp");
      for (int size : SIZES) {
        byte[] packet = new byte[size];
        new Random(size).nextBytes(packet);
        browser.send(plain.publicKey(), packet, messageLength);
        Packets.expect(plain, browser.publicKey(), packet);
        plain.send(browser.publicKey(), packet);
        assertThat(browser.next()).isEqualTo(new Frame.RecvPacket(plain.publicKey(), packet));
      }
      assertThat(relay.value(Metric.DERP_WEBSOCKET_ACCEPTS)).isOne();
      assertThat(relay.value(Metric.DERP_ACCEPTS)).isEqualTo(2);
    }
  }

  @Test
  void aMessageThatIsTooLongEndsTheConnectionAndSaysSoToBoth() throws Exception {
    try (CapturedLog log = new CapturedLog();
        WebSocketClient browser = new WebSocketClient(relay.address())) {
      browser.send(new byte[32 * 1024 + 1], 100_000);

      assertThat(browser.closeStatus()).isEqualTo(1009);
      eventually(() -> assertThat(relay.closed(CloseReason.PROTOCOL_ERROR)).isOne());
      assertThat(log.lines())
          .filteredOn(line -> line.startsWith("derp: 127.0.0.1:"))
          .singleElement()
          .asString()
          .contains(": WebSocket: ");
    }
  }

  @Test
  void textEndsTheConnectionWithTheStatusForIt() throws Exception {
    try (WebSocketClient browser = new WebSocketClient(relay.address())) {
      browser.sendText("DERP");

      assertThat(browser.closeStatus()).isEqualTo(1003);
    }
  }

  @Test
  void aGoodbyeIsAnOrdinaryEnd() throws Exception {
    try (CapturedLog log = new CapturedLog();
        WebSocketClient browser = new WebSocketClient(relay.address())) {
      browser.sayGoodbye();

      assertThat(browser.closeStatus()).isEqualTo(1000);
      eventually(() -> assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isOne());
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void aRelayThatStopsSaysGoodbyeAfterRestarting() throws Exception {
    try (WebSocketClient browser = new WebSocketClient(relay.address())) {
      relay.stop(Duration.ofSeconds(1));

      assertThat(browser.next()).isInstanceOf(Frame.Restarting.class);
      assertThat(browser.closeStatus()).isEqualTo(1000);
    }
  }
}
