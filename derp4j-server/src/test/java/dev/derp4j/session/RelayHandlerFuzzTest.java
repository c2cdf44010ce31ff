package dev.derp4j.session;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.frame.Frame;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.routing.TestKeys;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever bytes a client sends in whatever pieces: no exception escapes, no buffer is lost,
/// memory stays bounded, what other clients read remains DERP, and at most the offender is closed.
///
/// The build only replays the seeds. To search for real:
///
/// ```text
/// JAZZER_FUZZ=1 mvn -pl derp4j-server -am test -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dtest='RelayHandlerFuzzTest#anyBytesInAnyPieces'
/// ```
class RelayHandlerFuzzTest {
  /// An incomplete frame, in a buffer that doubles as it grows, and some of the allocator's
  /// rounding.
  private static final int MOST_BYTES = 2 * 65_605 + 4_096;

  /// The input: a byte whose lowest bit makes the client a mesh peer, a byte that chooses how the
  /// rest is cut, and the rest, which is what the client sends.
  @FuzzTest(maxDuration = "2m")
  void anyBytesInAnyPieces(byte[] input) {
    if (input.length >= 2) {
      judge((input[0] & 1) != 0, input[1], Arrays.copyOfRange(input, 2, input.length));
    }
  }

  @Test
  void damagedConversationsInAnyPieces() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] bytes = conversation(random);
      for (int damage = random.nextInt(4); damage > 0; damage--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      judge(random.nextBoolean(), (byte) random.nextInt(), bytes);
    }
  }

  @Test
  void noise() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(3_000)];
      random.nextBytes(bytes);
      judge(random.nextBoolean(), (byte) random.nextInt(), bytes);
    }
  }

  private static byte[] conversation(Random random) {
    Frame[] frames = new Frame[1 + random.nextInt(30)];
    for (int i = 0; i < frames.length; i++) {
      byte[] payload = Payloads.data(i, random.nextInt(200));
      frames[i] =
          switch (random.nextInt(9)) {
            case 0 -> new Frame.Ping(i);
            case 1 -> new Frame.NotePreferred(random.nextBoolean());
            case 2 -> new Frame.Unknown(random.nextInt(256), payload);
            case 3 -> new Frame.ForwardPacket(TestKeys.key(9), TestKeys.key(2), payload);
            case 4 -> new Frame.WatchConns();
            case 5 -> new Frame.SendPacket(TestKeys.key(2), Payloads.disco(i, 62 + payload.length));
            case 6 -> new Frame.SendPacket(TestKeys.key(1), payload);
            default -> new Frame.SendPacket(TestKeys.key(2), payload);
          };
    }
    return TestClient.bytes(frames);
  }

  private static void judge(boolean mesh, byte cuts, byte[] bytes) {
    try (TestRelay relay = new TestRelay()) {
      TestClient client = mesh ? relay.meshPeer(1) : relay.client(1);
      TestClient receiver = relay.client(2);
      TestClient bystander = relay.client(3);
      Random random = new Random(cuts);
      int longest = 1 << random.nextInt(14);
      for (int from = 0; from < bytes.length; ) {
        int to = Math.min(bytes.length, from + 1 + random.nextInt(longest));
        client.sendBytes(Arrays.copyOfRange(bytes, from, to));
        assertThat(relay.bytesInUse()).isLessThanOrEqualTo(MOST_BYTES);
        from = to;
      }
      client.received();
      receiver.received();
      bystander.send(new Frame.Ping(1));
      assertThat(bystander.received()).contains(new Frame.Pong(1));
      assertThat(bystander.isClosed()).isFalse();
      if (!mesh) {
        assertThat(receiver.isClosed()).isFalse();
      }
      assertThat(relay.closed(CloseReason.INTERNAL_ERROR)).isZero();
    }
  }
}
