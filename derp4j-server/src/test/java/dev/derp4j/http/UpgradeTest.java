package dev.derp4j.http;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import io.netty.channel.ChannelHandlerContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class UpgradeTest {
  private static final String UPGRADE =
      HttpChannel.request(
          "GET", "/derp", "Upgrade: DERP", "Connection: Upgrade", "Derp-Fast-Start: 1");

  @Test
  void aRequestForDerpReachesTheUpgraderWithWhatItSaid() {
    try (HttpChannel http = new HttpChannel()) {
      http.send(
          HttpChannel.request(
              "GET", "/derp", "Upgrade: derp", "Ideal-Node: 3a", "User-Agent: Go-http-client/1.1"));

      assertThat(http.upgrade)
          .isEqualTo(new UpgradeRequest(false, true, "Go-http-client/1.1", false));
      assertThat(http.received()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Derp-Fast-Start: true", "Derp-Fast-Start: 11", "Derp-Fast-Start:"})
  void onlyTheDigitOneAsksForAFastStart(String header) {
    try (HttpChannel http = new HttpChannel()) {
      http.send(HttpChannel.request("GET", "/derp", "Upgrade: DERP", header));

      assertThat(http.upgrade).isEqualTo(new UpgradeRequest(false, false, "", false));
    }
  }

  @Test
  void nothingOfHttpIsLeftAfterTheHandOver() {
    try (HttpChannel http = new HttpChannel()) {
      http.send(UPGRADE);

      assertThat(http.channel.pipeline().names())
          .containsOnly("derp", "DefaultChannelPipeline$TailContext#0");
      assertThat(http.channel.hasPendingTasks()).isFalse();
      assertThat(http.channel.runScheduledPendingTasks()).as("no timer").isEqualTo(-1);
      assertThat(http.channel.config().isAutoRead()).isTrue();
      assertThat(http.derp.strays).isEmpty();
    }
  }

  @Test
  void bytesBehindTheRequestReachTheNextHandlerWhereverTheStreamIsCut() {
    byte[] behind = randomBytes(70_000);
    byte[] stream = concat(UPGRADE.getBytes(StandardCharsets.US_ASCII), behind);
    int boundary = UPGRADE.length();
    for (int cut = boundary - 40; cut <= boundary + 40; cut++) {
      try (HttpChannel http = new HttpChannel()) {
        http.send(slice(stream, 0, cut));
        http.send(slice(stream, cut, stream.length));

        assertThat(http.derp.bytes.toByteArray()).as("cut at %d", cut).isEqualTo(behind);
        assertThat(http.derp.strays).isEmpty();
        assertThat(http.received()).isEmpty();
      }
    }
  }

  @Test
  void bytesBehindTheRequestReachTheNextHandlerInOneWrite() {
    byte[] behind = randomBytes(70_000);
    try (HttpChannel http = new HttpChannel()) {
      http.send(concat(UPGRADE.getBytes(StandardCharsets.US_ASCII), behind));

      assertThat(http.derp.bytes.toByteArray()).isEqualTo(behind);
    }
  }

  @Test
  void bytesBehindTheRequestReachTheNextHandlerByteByByte() {
    byte[] behind = randomBytes(500);
    try (HttpChannel http = new HttpChannel()) {
      http.sendByteByByte(concat(UPGRADE.getBytes(StandardCharsets.US_ASCII), behind));

      assertThat(http.derp.bytes.toByteArray()).isEqualTo(behind);
    }
  }

  @Test
  void bytesBehindTheRequestAreNeverTakenForItsBodyOrForHttp() {
    String more = HttpChannel.get("/robots.txt");
    String withBody =
        HttpChannel.request(
            "POST", "/derp", "Upgrade: DERP", "Content-Length: 10", "Expect: 100-continue");
    try (HttpChannel http = new HttpChannel()) {
      http.send(withBody + more);

      assertThat(http.derp.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo(more);
      assertThat(http.received()).isEmpty();
    }
  }

  @Test
  void anUpgradeThatComesAfterOtherRequestsOnTheSameConnectionWorksToo() {
    try (HttpChannel http = new HttpChannel()) {
      String answer = http.ask(HttpChannel.get("/generate_204") + UPGRADE + "frames");

      assertThat(answer).startsWith("HTTP/1.1 204 No Content\r\n").endsWith("\r\n\r\n");
      assertThat(http.derp.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("frames");
    }
  }

  @Test
  void nothingIsReadOrDecodedUntilALateHandOver() {
    try (HttpChannel http = new HttpChannel()) {
      AtomicReference<ChannelHandlerContext> waiting = new AtomicReference<>();
      http.upgrader = (ctx, _) -> waiting.set(ctx);
      http.send(UPGRADE + HttpChannel.get("/robots.txt"));

      assertThat(http.channel.config().isAutoRead()).isFalse();
      assertThat(http.received()).isEmpty();
      http.advance(3600);
      assertThat(http.isOpen()).isTrue();

      HttpPhase.handOver(waiting.get(), "derp", http.derp);
      assertThat(http.channel.config().isAutoRead()).isTrue();
      assertThat(http.derp.bytes.toString(StandardCharsets.US_ASCII))
          .isEqualTo(HttpChannel.get("/robots.txt"));
    }
  }

  @Test
  void anUpgraderThatFailsCostsItsConnectionOnly() {
    try (HttpChannel http = new HttpChannel()) {
      http.upgrader =
          (_, _) -> {
            throw new IllegalStateException("broken on purpose");
          };
      http.send(UPGRADE + "frames");

      assertThat(http.isOpen()).isFalse();
      assertThat(http.metrics.closedCount(CloseReason.INTERNAL_ERROR)).isOne();
    }
  }

  @Test
  void onlyAConnectionThatIsBeingUpgradedCanBeHandedOver() {
    try (HttpChannel http = new HttpChannel()) {
      ChannelHandlerContext ctx = http.channel.pipeline().context(HttpPhase.HANDLER);

      assertThatThrownBy(() -> HttpPhase.handOver(ctx, "derp", http.derp))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2c", "derp, x", "DERP2", "\"\\\n"})
  void anyOtherUpgradeIsToldWhatIsNeeded(String upgrade) {
    try (HttpChannel http = new HttpChannel()) {
      String answer = http.ask(HttpChannel.request("GET", "/derp", "Upgrade: " + upgrade.strip()));

      assertThat(answer)
          .startsWith("HTTP/1.1 426 Upgrade Required\r\n")
          .endsWith("\r\n\r\nDERP requires connection upgrade\n");
      assertThat(http.upgrade).isNull();
    }
  }

  @Test
  void aWebSocketWithoutASubprotocolIsAVeryOldClientThatMeansDerp() {
    try (HttpChannel http = new HttpChannel()) {
      http.send(HttpChannel.request("GET", "/derp", "Upgrade: WebSocket"));

      assertThat(http.upgrade).isEqualTo(new UpgradeRequest(false, false, "", false));
    }
  }

  @Test
  void aRelayWithoutDerpSaysSoAndGoesOnWithHttp() {
    try (HttpChannel http =
        new HttpChannel(
            HttpSite.Mode.DERP_PLAIN, HttpChannel.LOOPBACK, site -> site.derpEnabled(false))) {
      assertThat(http.ask(UPGRADE))
          .startsWith("HTTP/1.1 404 Not Found\r\n")
          .endsWith("\r\n\r\nderp server disabled\n");
      assertThat(http.ask(HttpChannel.get("/generate_204"))).startsWith("HTTP/1.1 204 ");
    }
  }

  @Test
  void theResponseThatSwitchesProtocolsIsTheOriginalsByteForByte() {
    NodePublicKey key = NodePublicKey.ofWords(1, 2, 3, 0xfedcL);

    assertThat(new String(HttpPhase.switchingProtocols(key), StandardCharsets.US_ASCII))
        .isEqualTo(
            "HTTP/1.1 101 Switching Protocols\r\n"
                + "Upgrade: DERP\r\n"
                + "Connection: Upgrade\r\n"
                + "Derp-Version: 2\r\n"
                + "Derp-Public-Key: "
                + "000000000000000100000000000000020000000000000003000000000000fedc\r\n"
                + "\r\n");
  }

  private static byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(first);
    out.writeBytes(second);
    return out.toByteArray();
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }
}
