package dev.derp4j.session;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever comes in a ClientInfo's place: the connection relays or is closed, and nothing else
/// happens.
///
/// The build only replays the seeds. To search for real:
///
/// ```text
/// JAZZER_FUZZ=1 mvn -pl derp4j-server -am test -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dtest='HandshakePhaseFuzzTest#anyBytesInAnyPieces'
/// ```
class HandshakePhaseFuzzTest {
  private static final int MOST_BYTES = 2 * (FrameLimits.MAX_CLIENT_INFO + 5) + 4_096;

  private static final NodePrivateKey CLIENT_KEY =
      NodePrivateKey.parse(
          "privkey:1011121314151617181920212223242526272829303132333435363738394041");
  private static final SharedBox BOX =
      SharedBox.between(CLIENT_KEY, TestRelay.PRIVATE_KEY.publicKey());

  /// The input: a byte that says whether the rest is raw (even) or the text of a box that opens
  /// (odd), a byte that chooses how it is cut, and the rest.
  @FuzzTest(maxDuration = "2m")
  void anyBytesInAnyPieces(byte[] input) {
    if (input.length >= 2) {
      byte[] rest = Arrays.copyOfRange(input, 2, input.length);
      boolean sealed = (input[0] & 1) != 0 && rest.length <= FrameLimits.MAX_CLIENT_INFO - 72;
      judge(sealed ? clientInfo(rest) : rest, input[1]);
    }
  }

  @Test
  void damagedClientInfosInAnyPieces() {
    byte[] json =
        "{\"version\":2,\"CanAckPings\":true,\"AppName\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] text = json.clone();
      if (random.nextBoolean()) {
        text[random.nextInt(text.length)] = (byte) random.nextInt();
      }
      byte[] frame = clientInfo(text);
      if (random.nextBoolean()) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(frame.length) : frame.length;
      judge(Arrays.copyOf(frame, length), (byte) random.nextInt());
    }
  }

  private static byte[] clientInfo(byte[] text) {
    byte[] sealed = BOX.sealWithRandomNonce(text);
    return RelayHandlerTest.joined(
        TestClient.header(FrameType.CLIENT_INFO.code(), NodePublicKey.LENGTH + sealed.length),
        CLIENT_KEY.publicKey().toBytes(),
        sealed);
  }

  private static void judge(byte[] bytes, byte cuts) {
    try (TestRelay relay = new TestRelay()) {
      ScriptedChannel channel = relay.newcomer(Optional.of(TestRelay.MESH_KEY), new byte[0]);
      Random random = new Random(cuts);
      int longest = 1 << random.nextInt(14);
      for (int from = 0; from < bytes.length; ) {
        int to = Math.min(bytes.length, from + 1 + random.nextInt(longest));
        byte[] piece = Arrays.copyOfRange(bytes, from, to);
        relay.does(() -> channel.arrive(piece));
        assertThat(relay.bytesInUse()).isLessThanOrEqualTo(MOST_BYTES);
        from = to;
      }
      relay.pass(Duration.ofSeconds(10));
      assertThat(channel.isOpen()).isEqualTo(relay.registry.census().connections() == 1);
      assertThat(relay.closed(CloseReason.INTERNAL_ERROR)).isZero();
    }
  }
}
