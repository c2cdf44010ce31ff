package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameType;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.routing.TestKeys;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Several connections of one key: who gets the packets, and what they are told.
class DuplicateKeysTest {
  private static final int SHARED = 2;
  private static final Frame WARNING = new Frame.Health(RelaySession.DUPLICATE_WARNING);
  private static final Frame ALL_CLEAR = new Frame.Health("");

  @AutoClose private final TestRelay relay = new TestRelay();

  @AutoClose
  private final TestRelay strict =
      new TestRelay(TestRelay.Options.DEFAULT.withPolicy(DuplicatePolicy.DISABLE_FIGHTERS));

  @Test
  void theNewestConnectionGetsThePackets() {
    TestClient sender = relay.client(1);
    TestClient earlier = relay.client(SHARED);
    TestClient later = relay.client(SHARED);
    sender.send(packet(1), packet(2));
    assertThat(earlier.receivedPackets()).isEmpty();
    assertThat(later.receivedPackets()).hasSize(2);
    assertThat(earlier.isClosed()).isFalse();
  }

  static Stream<Arguments> anythingOneCanSay() {
    return Stream.of(
        Arguments.of("a ping", TestClient.bytes(new Frame.Ping(1))),
        Arguments.of("its home", TestClient.bytes(new Frame.NotePreferred(true))),
        Arguments.of(
            "a packet for nobody",
            TestClient.bytes(new Frame.SendPacket(TestKeys.key(9), new byte[1]))),
        Arguments.of("a frame of an unknown type", TestClient.header(0x77, 0)),
        Arguments.of(
            "the head of an unknown frame", TestClient.header(FrameType.KEEP_ALIVE.code(), 3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("anythingOneCanSay")
  void whateverAnEarlierConnectionSaysMakesItTheActiveOne(String name, byte[] said) {
    TestClient sender = relay.client(1);
    TestClient earlier = relay.client(SHARED);
    TestClient later = relay.client(SHARED);
    earlier.sendBytes(said);
    sender.send(packet(1));
    assertThat(earlier.receivedPackets()).hasSize(1);
    assertThat(later.receivedPackets()).isEmpty();
  }

  @Test
  void aSenderThatKeptTheDestinationInMindFollowsTheChange() {
    TestClient sender = relay.client(1);
    TestClient earlier = relay.client(SHARED);
    sender.send(packet(1));
    TestClient later = relay.client(SHARED);
    sender.send(packet(2));
    earlier.send(new Frame.Ping(1));
    sender.send(packet(3));
    relay.does(earlier.channel::hangUp);
    sender.send(packet(4));
    assertThat(numbers(earlier)).containsExactly(1, 3);
    assertThat(numbers(later)).containsExactly(2, 4);
    assertThat(relay.dropped()).isZero();
  }

  @Test
  void allAreWarnedThatTheyShareAKeyAndTheLastOneIsToldWhenItIsAlone() {
    TestClient first = relay.client(SHARED);
    assertThat(first.received()).isEmpty();
    TestClient second = relay.client(SHARED);
    assertThat(first.received()).containsExactly(WARNING);
    assertThat(second.received()).containsExactly(WARNING);
    TestClient third = relay.client(SHARED);
    assertThat(third.received()).containsExactly(WARNING);

    relay.does(second.channel::hangUp);
    relay.does(third.channel::hangUp);
    assertThat(first.received()).containsExactly(ALL_CLEAR);
    relay.client(SHARED);
    assertThat(first.received()).containsExactly(WARNING);
  }

  @Test
  void aWarningThatIsOverBeforeItIsWrittenIsNotWritten() {
    TestClient first = relay.client(SHARED);
    relay.stuff(first);
    TestClient second = relay.client(SHARED);
    relay.does(second.channel::hangUp);
    relay.does(() -> first.channel.makeRoom(Long.MAX_VALUE));
    assertThat(first.received())
        .filteredOn(Frame.Health.class::isInstance)
        .containsExactly(ALL_CLEAR);
  }

  @Test
  void thePeersOfASharedKeyHearThatItLeftOnlyWithItsLastConnection() {
    TestClient receiver = relay.client(1);
    TestClient first = relay.client(SHARED);
    TestClient second = relay.client(SHARED);
    second.send(new Frame.SendPacket(receiver.key(), new byte[1]));
    receiver.received();
    relay.does(second.channel::hangUp);
    assertThat(receiver.received()).isEmpty();
    relay.does(first.channel::hangUp);
    assertThat(receiver.received())
        .containsExactly(new Frame.PeerGone(first.key(), PeerGoneReason.DISCONNECTED));
  }

  @Test
  void fightersGetNothingAndWhatWasForThemIsCounted() {
    TestClient sender = strict.client(1);
    TestClient first = strict.client(SHARED);
    TestClient second = strict.client(SHARED);
    second.send(new Frame.Ping(1));
    first.send(new Frame.Ping(2));

    sender.send(
        packet(1), new Frame.SendPacket(TestKeys.key(SHARED), Payloads.disco(2, 62)), packet(3));
    assertThat(first.receivedPackets()).isEmpty();
    assertThat(second.receivedPackets()).isEmpty();
    assertThat(strict.dropped(DropReason.DUP_CLIENT, PacketKind.OTHER)).isEqualTo(2);
    assertThat(strict.dropped(DropReason.DUP_CLIENT, PacketKind.DISCO)).isEqualTo(1);
    assertThat(strict.dropped()).isEqualTo(3);
    // The key is here: nobody is told that it is not.
    assertThat(sender.received()).isEmpty();
  }

  @Test
  void aForwardedPacketForFightersIsCountedTheSameWay() {
    TestClient mesh = strict.meshPeer(1);
    TestClient first = strict.client(SHARED);
    TestClient second = strict.client(SHARED);
    second.send(new Frame.Ping(1));
    first.send(new Frame.Ping(2));
    mesh.send(
        new Frame.ForwardPacket(TestKeys.key(50), TestKeys.key(SHARED), Payloads.disco(2, 62)));
    assertThat(strict.dropped(DropReason.DUP_CLIENT, PacketKind.DISCO)).isEqualTo(1);
    assertThat(strict.dropped()).isEqualTo(1);
    assertThat(mesh.received()).isEmpty();
  }

  @Test
  void fightersAreStillAnsweredAndHeard() {
    TestClient receiver = strict.client(1);
    TestClient first = strict.client(SHARED);
    TestClient second = strict.client(SHARED);
    second.send(new Frame.Ping(1));
    first.send(new Frame.Ping(2));
    first.received();
    first.send(new Frame.Ping(3), new Frame.SendPacket(receiver.key(), new byte[1]));
    assertThat(first.received()).containsExactly(new Frame.Pong(3));
    assertThat(receiver.receivedPackets()).hasSize(1);
  }

  @Test
  void theLastOfTheFightersGetsPacketsAgain() {
    TestClient sender = strict.client(1);
    TestClient first = strict.client(SHARED);
    TestClient second = strict.client(SHARED);
    second.send(new Frame.Ping(1));
    first.send(new Frame.Ping(2));
    sender.send(packet(1));
    strict.does(first.channel::hangUp);
    sender.send(packet(2));
    assertThat(numbers(second)).containsExactly(2);
  }

  @Test
  void closingAKeyClosesAllItsConnections() {
    TestClient mesh = relay.meshPeer(1);
    TestClient first = relay.client(SHARED);
    TestClient second = relay.client(SHARED);
    TestClient other = relay.client(3);
    mesh.send(new Frame.ClosePeer(TestKeys.key(SHARED)), new Frame.ClosePeer(TestKeys.key(9)));
    assertThat(List.of(first.isClosed(), second.isClosed(), other.isClosed(), mesh.isClosed()))
        .containsExactly(true, true, false, false);
    assertThat(relay.closed(CloseReason.CLOSED_BY_MESH)).isEqualTo(2);
  }

  @Test
  void aMeshPeerCanCloseItself() {
    TestClient mesh = relay.meshPeer(1);
    mesh.send(new Frame.ClosePeer(mesh.key()));
    assertThat(mesh.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.CLOSED_BY_MESH)).isEqualTo(1);
  }

  private static Frame packet(int number) {
    return new Frame.SendPacket(TestKeys.key(SHARED), Payloads.data(number, 20));
  }

  private static List<Integer> numbers(TestClient client) {
    return client.receivedPackets().stream()
        .map(packet -> Payloads.number(packet.payload()))
        .toList();
  }
}
