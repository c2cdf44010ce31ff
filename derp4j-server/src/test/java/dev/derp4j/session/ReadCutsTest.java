package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.TestKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// The same bytes lead to the same results, in whatever portions they are read.
class ReadCutsTest {
  /// How a stream of bytes is handed to a connection.
  private interface Cutter extends BiConsumer<TestClient, byte[]> {}

  private static final Cutter WHOLE = TestClient::sendBytes;

  private static final Cutter BYTE_BY_BYTE =
      (client, bytes) -> {
        for (byte one : bytes) {
          client.sendBytes(new byte[] {one});
        }
      };

  private static Cutter pieces(long seed, int longest) {
    return (client, bytes) -> {
      Random random = new Random(seed);
      for (int from = 0; from < bytes.length; ) {
        int to = Math.min(bytes.length, from + 1 + random.nextInt(longest));
        client.sendBytes(Arrays.copyOfRange(bytes, from, to));
        from = to;
      }
    };
  }

  static Stream<Arguments> cutters() {
    return Stream.of(
        Arguments.of("a byte at a time", BYTE_BY_BYTE),
        Arguments.of("two bytes at most", pieces(1, 2)),
        Arguments.of("a header at most", pieces(2, 5)),
        Arguments.of("a head at most", pieces(3, 37)),
        Arguments.of("some frames", pieces(4, 500)),
        Arguments.of("many frames", pieces(5, 5_000)),
        Arguments.of("reads of 64 KiB", pieces(6, 65_536)));
  }

  /// All that can be seen of a relay afterwards.
  private record Outcome(
      List<Frame> sender,
      List<Frame> first,
      List<Frame> second,
      long received,
      long receivedBytes,
      long disco,
      long forwardedIn,
      long unknown,
      long unknownOnForward,
      long dropped,
      long pings,
      long homes,
      int watchers,
      boolean closed) {}

  @ParameterizedTest(name = "{0}")
  @MethodSource("cutters")
  void aConversationWithEveryTypeOfFrame(String name, Cutter cutter) {
    byte[] conversation = conversation();
    Outcome expected = outcome(WHOLE, conversation);
    assertThat(expected.first()).hasSizeGreaterThan(30);
    assertThat(expected.closed()).isFalse();
    assertThat(outcome(cutter, conversation)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void randomConversationsInRandomPieces(long seed) {
    Random random = new Random(seed);
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      frames.add(randomFrame(random, i));
    }
    byte[] conversation = TestClient.bytes(frames.toArray(new Frame[0]));
    Outcome expected = outcome(WHOLE, conversation);
    for (int longest : new int[] {3, 40, 300, 3_000}) {
      assertThat(outcome(pieces(seed, longest), conversation)).isEqualTo(expected);
    }
  }

  @Test
  void aPacketOfTheGreatestSizeByteByByte() {
    byte[] conversation =
        TestClient.bytes(
            new Frame.SendPacket(TestKeys.key(2), Payloads.data(1, 65_536)), new Frame.Ping(1));
    assertThat(outcome(BYTE_BY_BYTE, conversation)).isEqualTo(outcome(WHOLE, conversation));
  }

  @Test
  void aStreamThatBreaksARuleInItsMiddle() {
    byte[] broken =
        RelayHandlerTest.joined(
            conversation(), TestClient.header(0x07, 2), new byte[2], conversation());
    Outcome expected = outcome(WHOLE, broken);
    assertThat(expected.closed()).isTrue();
    cutters()
        .forEach(
            arguments ->
                assertThat(outcome((Cutter) arguments.get()[1], broken)).isEqualTo(expected));
  }

  private static Outcome outcome(Cutter cutter, byte[] conversation) {
    try (TestRelay relay = new TestRelay()) {
      TestClient sender = relay.meshPeer(1);
      TestClient first = relay.client(2);
      TestClient second = relay.client(3);
      cutter.accept(sender, conversation);
      return new Outcome(
          sender.received(),
          first.received(),
          second.received(),
          relay.counted(Metric.DERP_PACKETS_RECEIVED),
          relay.counted(Metric.DERP_BYTES_RECEIVED),
          relay.metrics.value(Metric.DERP_PACKETS_RECEIVED_KIND, "disco"),
          relay.counted(Metric.DERP_PACKETS_FORWARDED_IN),
          relay.dropped(DropReason.UNKNOWN_DEST, PacketKind.OTHER),
          relay.dropped(DropReason.UNKNOWN_DEST_ON_FWD, PacketKind.OTHER),
          relay.dropped(),
          relay.counted(Metric.DERP_GOT_PING),
          relay.population.home().sum(),
          relay.registry.census().watchers(),
          sender.isClosed());
    }
  }

  /// Every type that a client may send, unknown ones among them, in runs and alone.
  private static byte[] conversation() {
    List<Frame> frames = new ArrayList<>();
    frames.add(new Frame.WatchConns());
    frames.add(new Frame.NotePreferred(true));
    for (int i = 0; i < 20; i++) {
      frames.add(packet(2, Payloads.data(i, 3 * i)));
      frames.add(packet(2, Payloads.data(i, 7)));
      frames.add(packet(i % 3 == 0 ? 3 : 2, Payloads.disco(i, 62 + i)));
    }
    frames.add(new Frame.Unknown(0x77, new byte[0]));
    frames.add(new Frame.Unknown(0xff, Payloads.data(1, 900)));
    // What looks like frames inside an unknown one must not be taken for such.
    frames.add(new Frame.Unknown(0x06, TestClient.bytes(packet(2, new byte[3]))));
    frames.add(new Frame.Ping(1));
    frames.add(packet(9, Payloads.data(1, 100)));
    frames.add(packet(9, Payloads.disco(2, 100)));
    frames.add(packet(1, Payloads.data(3, 100)));
    frames.add(forward(2, Payloads.data(4, 100)));
    frames.add(forward(9, Payloads.data(5, 100)));
    frames.add(forward(3, new byte[0]));
    for (int i = 0; i < 20; i++) { // Runs, of other lengths each time, that end in several ways.
      frames.add(forward(2, Payloads.data(i, 37 * i)));
      frames.add(forward(2, Payloads.data(i, 5_000)));
      frames.add(forward(2, i % 4 == 0 ? Payloads.disco(i, 70) : Payloads.data(i, 70)));
      frames.add(forward(i % 5 == 0 ? 3 : 2, Payloads.data(i, i)));
      frames.add(
          new Frame.ForwardPacket(
              TestKeys.key(i % 6 == 0 ? 51 : 50), TestKeys.key(2), Payloads.data(i, 1_280)));
    }
    frames.add(packet(2, new byte[0]));
    frames.add(packet(2, new byte[0]));
    frames.add(new Frame.Ping(2));
    frames.add(packet(3, Payloads.data(6, 3_000)));
    return TestClient.bytes(frames.toArray(new Frame[0]));
  }

  private static Frame randomFrame(Random random, int number) {
    int length = random.nextInt(10) == 0 ? random.nextInt(4_000) : random.nextInt(150);
    int destination = 2 + random.nextInt(3);
    return switch (random.nextInt(8)) {
      case 0 -> new Frame.Ping(number);
      case 1 -> new Frame.NotePreferred(random.nextBoolean());
      case 2 -> new Frame.Unknown(0x20 + random.nextInt(100), Payloads.data(number, length));
      case 3 -> forward(destination, Payloads.data(number, length));
      case 4 -> packet(destination, Payloads.disco(number, 62 + length));
      default -> packet(destination, Payloads.data(number, length));
    };
  }

  private static Frame packet(int destination, byte[] payload) {
    return new Frame.SendPacket(TestKeys.key(destination), payload);
  }

  private static Frame forward(int destination, byte[] payload) {
    return new Frame.ForwardPacket(TestKeys.key(50), TestKeys.key(destination), payload);
  }
}
