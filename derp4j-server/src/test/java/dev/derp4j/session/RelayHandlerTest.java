package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.routing.TestKeys;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// What the relay does with frames one by one: which it takes, which end the connection, and what
/// they cost until they are complete.
class RelayHandlerTest {
  private static final Frame PING = new Frame.Ping(0x0123456789abcdefL);
  private static final Frame PONG = new Frame.Pong(0x0123456789abcdefL);

  @AutoClose private final CapturedLog log = new CapturedLog();
  @AutoClose private final TestRelay relay = new TestRelay();

  // Lengths

  @ParameterizedTest
  @CsvSource({
    "SEND_PACKET, 31",
    "SEND_PACKET, 0",
    "SEND_PACKET, 65569",
    "FORWARD_PACKET, 63",
    "FORWARD_PACKET, 65601",
    "NOTE_PREFERRED, 0",
    "NOTE_PREFERRED, 2",
    "WATCH_CONNS, 1",
    "CLOSE_PEER, 31",
    "CLOSE_PEER, 33",
    "PING, 7",
    "PING, 1001"
  })
  void aFrameOfWrongLengthEndsTheConnectionAsSoonAsItsHeadIsThere(FrameType type, int length) {
    TestClient sender = relay.meshPeer(1);
    sender.sendBytes(TestClient.header(type.code(), length));
    assertThat(sender.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.PROTOCOL_ERROR)).isEqualTo(1);
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().getFirst())
        .startsWith("derp: 192.0.2.1:10000: " + type + " frame too ")
        .contains(": " + length + " bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "SEND_PACKET, 32",
    "SEND_PACKET, 65568",
    "FORWARD_PACKET, 64",
    "FORWARD_PACKET, 65600",
    "NOTE_PREFERRED, 1",
    "WATCH_CONNS, 0",
    "CLOSE_PEER, 32",
    "PING, 8",
    "PING, 1000"
  })
  void aFrameOfTheShortestAndOfTheLongestAllowedLengthIsTaken(FrameType type, int length) {
    TestClient sender = relay.meshPeer(1);
    sender.sendBytes(TestClient.header(type.code(), length));
    assertThat(sender.isClosed()).isFalse();
    sender.sendBytes(new byte[length]);
    sender.received();
    sender.send(PING);
    assertThat(sender.received()).contains(PONG);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x07, 0x0a, 0x10, 0x11, 0x12, 0x00, 0x02, 0x06, 0x77})
  void fourGigabytesOfAnyTypeEndTheConnection(int type) {
    TestClient sender = relay.meshPeer(1);
    sender.sendBytes(TestClient.header(type, 0xffff_ffffL));
    assertThat(sender.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.PROTOCOL_ERROR)).isEqualTo(1);
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().getFirst()).contains("too large: 4294967295 bytes");
  }

  @Test
  void nothingBehindABrokenFrameIsHeeded() {
    TestClient sender = relay.client(1);
    TestClient receiver = relay.client(2);
    byte[] packet = TestClient.bytes(packetTo(2, 7));
    byte[] broken = TestClient.header(FrameType.NOTE_PREFERRED.code(), 2);
    sender.sendBytes(joined(packet, broken, new byte[2], packet));
    assertThat(receiver.receivedPackets()).hasSize(1);

    relay.does(() -> sender.channel.pipeline().fireChannelRead(relay.buffer(packet)));
    assertThat(receiver.received()).isEmpty();
  }

  // What only mesh peers may

  @ParameterizedTest
  @CsvSource({
    "FORWARD_PACKET, 64",
    "FORWARD_PACKET, 0",
    "WATCH_CONNS, 0",
    "WATCH_CONNS, 1",
    "CLOSE_PEER, 32",
    "CLOSE_PEER, 4294967295"
  })
  void aMeshPeersFrameFromAnyoneElseEndsTheConnectionWhateverItsLength(
      FrameType type, long length) {
    TestClient sender = relay.client(1);
    sender.sendBytes(TestClient.header(type.code(), length));
    assertThat(sender.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.INSUFFICIENT_PERMISSIONS)).isEqualTo(1);
    assertThat(log.lines())
        .containsExactly(
            "derp: 192.0.2.1:10000: insufficient permissions (client "
                + TestKeys.key(1).shortText()
                + ")");
  }

  // Unknown types

  @ParameterizedTest
  @MethodSource("unknownTypes")
  void framesOfOtherTypesAreSkippedUpToTheirLimit(int type) {
    TestClient sender = relay.client(1);
    for (int length : new int[] {0, 1, 40, 65_567, 65_568}) {
      sender.sendBytes(
          joined(TestClient.header(type, length), new byte[length], TestClient.bytes(PING)));
      assertThat(sender.received()).containsExactly(PONG);
    }
  }

  @ParameterizedTest
  @MethodSource("unknownTypes")
  void aLongerFrameOfAnotherTypeEndsTheConnection(int type) {
    TestClient sender = relay.client(1);
    sender.sendBytes(TestClient.header(type, FrameLimits.MAX_UNKNOWN + 1));
    assertThat(sender.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.PROTOCOL_ERROR)).isEqualTo(1);
    assertThat(log.lines())
        .containsExactly(
            "derp: 192.0.2.1:10000: unknown frame type "
                + type
                + " too large: 65569 bytes (client "
                + TestKeys.key(1).shortText()
                + ")");
  }

  /// All codes but those of frames that clients send while relaying; among the rest are the types
  /// of the other direction and a second ClientInfo.
  static IntStream unknownTypes() {
    List<FrameType> known =
        List.of(
            FrameType.SEND_PACKET,
            FrameType.FORWARD_PACKET,
            FrameType.PING,
            FrameType.NOTE_PREFERRED,
            FrameType.WATCH_CONNS,
            FrameType.CLOSE_PEER);
    return IntStream.concat(IntStream.rangeClosed(0, 0x20), IntStream.of(0x77, 0xfe, 0xff))
        .filter(type -> known.stream().noneMatch(frame -> frame.code() == type));
  }

  // What an incomplete frame costs

  @Test
  void anUnknownFrameIsNotKeptWhileItPasses() {
    TestClient sender = relay.client(1);
    sender.sendBytes(TestClient.header(0x77, FrameLimits.MAX_UNKNOWN));
    for (int sent = 0; sent < FrameLimits.MAX_UNKNOWN; sent += 1024) {
      sender.sendBytes(new byte[Math.min(1024, FrameLimits.MAX_UNKNOWN - sent)]);
      assertThat(relay.buffersInUse()).isZero();
    }
    sender.send(PING);
    assertThat(sender.received()).containsExactly(PONG);
  }

  @Test
  void declaringAGreatLengthCostsTheRelayLittleUntilTheBytesCome() {
    TestClient sender = relay.client(1);
    TestClient receiver = relay.client(2);
    byte[] frame = TestClient.bytes(packetTo(2, 65_536));
    int sent = 0;
    for (int step : new int[] {6, 100, 1_000, 10_000, 40_000}) {
      sender.sendBytes(slice(frame, sent, step));
      sent += step;
      assertThat(relay.bytesInUse()).isLessThanOrEqualTo(Math.max(256, 2L * sent + 64));
    }
    sender.sendBytes(slice(frame, sent, frame.length - sent));
    assertThat(receiver.receivedPackets()).hasSize(1);
    assertThat(relay.buffersInUse()).isZero();
  }

  @Test
  void anIncompleteFrameIsGivenUpWithItsConnection() {
    TestClient sender = relay.client(1);
    sender.sendBytes(slice(TestClient.bytes(packetTo(2, 1000)), 0, 500));
    assertThat(relay.buffersInUse()).isEqualTo(1);
    relay.does(sender.channel::hangUp);
    assertThat(relay.buffersInUse()).isZero();
    assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(1);
  }

  // What the frames do

  @Test
  void aPingIsAnsweredWithItsFirstEightBytes() {
    TestClient sender = relay.client(1);
    byte[] ping = TestClient.header(FrameType.PING.code(), 1000);
    byte[] rest = Payloads.data(1, 992);
    sender.sendBytes(joined(ping, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, rest));
    assertThat(sender.received()).containsExactly(new Frame.Pong(0x0102030405060708L));
    assertThat(relay.counted(Metric.DERP_GOT_PING)).isEqualTo(1);
    assertThat(relay.counted(Metric.DERP_SENT_PONG)).isEqualTo(1);
  }

  @Test
  void onePingAtATimeWaitsToBeAnswered() {
    TestClient sender = relay.client(1);
    relay.stuff(sender);
    sender.send(new Frame.Ping(1));
    sender.send(new Frame.Ping(2), new Frame.Ping(3));
    relay.does(() -> sender.channel.makeRoom(Long.MAX_VALUE));
    assertThat(sender.received())
        .filteredOn(Frame.Pong.class::isInstance)
        .containsExactly(new Frame.Pong(1));
    assertThat(relay.counted(Metric.DERP_GOT_PING)).isEqualTo(3);
    assertThat(relay.counted(Metric.DERP_SENT_PONG)).isEqualTo(1);

    sender.send(new Frame.Ping(4));
    assertThat(sender.received()).containsExactly(new Frame.Pong(4));
  }

  @Test
  void homesAreCountedWhileTheirClientsAreThere() {
    TestClient first = relay.client(1);
    TestClient second = relay.client(2);
    first.send(new Frame.NotePreferred(true), new Frame.NotePreferred(true));
    second.send(new Frame.NotePreferred(false));
    assertThat(relay.population.home().sum()).isEqualTo(1);
    second.send(new Frame.NotePreferred(true));
    assertThat(relay.population.home().sum()).isEqualTo(2);
    first.send(new Frame.NotePreferred(false));
    assertThat(relay.population.home().sum()).isEqualTo(1);
    relay.does(second.channel::hangUp);
    assertThat(relay.population.home().sum()).isZero();
  }

  @Test
  void choosingAHomeIsAMoveOnlyLaterThanFiveSecondsAfterConnecting() {
    TestClient client = relay.client(1);
    relay.pass(Duration.ofSeconds(5));
    client.send(new Frame.NotePreferred(true));
    assertThat(relay.counted(Metric.DERP_HOME_MOVES_IN)).isZero();
    relay.pass(Duration.ofMillis(1));
    client.send(new Frame.NotePreferred(true));
    assertThat(relay.counted(Metric.DERP_HOME_MOVES_OUT)).isZero();
    client.send(new Frame.NotePreferred(false));
    assertThat(relay.counted(Metric.DERP_HOME_MOVES_OUT)).isEqualTo(1);
    client.send(new Frame.NotePreferred(true));
    assertThat(relay.counted(Metric.DERP_HOME_MOVES_IN)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 0x7f, 0x80, 0xff})
  void anyByteButZeroMeansHome(int value) {
    TestClient client = relay.client(1);
    client.sendBytes(
        joined(TestClient.header(FrameType.NOTE_PREFERRED.code(), 1), new byte[] {(byte) value}));
    assertThat(relay.population.home().sum()).isEqualTo(1);
  }

  private static Frame packetTo(int destination, int length) {
    return new Frame.SendPacket(TestKeys.key(destination), Payloads.data(length, length));
  }

  static byte[] slice(byte[] bytes, int from, int length) {
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  static byte[] joined(byte[]... parts) {
    return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
  }
}
