package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.TestKeys;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// A receiver whose kernel takes nothing, or little: what waits for it, what is dropped, what it
/// costs, and what it gets once it reads again.
class SlowReceiverTest {
  private static final int RECEIVER = 2;
  private static final int DEPTH = 32;
  private static final Duration LONG = Duration.ofDays(1);

  @AutoClose
  private final TestRelay relay =
      new TestRelay(TestRelay.Options.DEFAULT.withWriteTimeout(LONG, LONG));

  private final TestClient sender = relay.client(1);
  private final TestClient receiver = relay.client(RECEIVER);

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100})
  void theNewestPacketsOfEachLaneSurvive(int perRead) {
    relay.stuff(receiver);
    List<Frame> sent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sent.add(packet(i % 3 == 0, i));
    }
    for (int from = 0; from < sent.size(); from += perRead) {
      int to = Math.min(sent.size(), from + perRead);
      sender.send(sent.subList(from, to).toArray(new Frame[0]));
    }
    List<byte[]> received = readAgain();
    List<Integer> disco = IntStream.range(0, 200).filter(i -> i % 3 == 0).boxed().toList();
    List<Integer> other = IntStream.range(0, 200).filter(i -> i % 3 != 0).boxed().toList();
    assertThat(lane(received, true)).isEqualTo(newest(disco));
    assertThat(lane(received, false)).isEqualTo(newest(other));
    assertThat(relay.dropped(DropReason.QUEUE_HEAD, PacketKind.DISCO))
        .isEqualTo(disco.size() - DEPTH);
    assertThat(relay.dropped(DropReason.QUEUE_HEAD, PacketKind.OTHER))
        .isEqualTo(other.size() - DEPTH);
    assertThat(relay.dropped()).isEqualTo(200 - 2 * DEPTH);
    assertThat(relay.counted(Metric.DERP_BYTES_DROPPED)).isEqualTo((200 - 2 * DEPTH) * 100);
    assertThat(relay.dropped(DropReason.QUEUE_TAIL, PacketKind.OTHER)).isZero();
  }

  private static List<Integer> newest(List<Integer> numbers) {
    return numbers.subList(numbers.size() - DEPTH, numbers.size());
  }

  @Test
  void nothingIsDroppedAsLongAsTheLanesSuffice() {
    relay.stuff(receiver);
    for (int i = 0; i < DEPTH; i++) {
      sender.send(packet(false, i), packet(true, i));
    }
    List<byte[]> received = readAgain();
    List<Integer> all = IntStream.range(0, DEPTH).boxed().toList();
    assertThat(lane(received, true)).isEqualTo(all);
    assertThat(lane(received, false)).isEqualTo(all);
    assertThat(relay.dropped()).isZero();
  }

  @Test
  void packetsOfDifferentSendersStayInTheOrderOfTheirArrival() {
    TestClient other = relay.client(3);
    relay.stuff(receiver);
    for (int i = 0; i < 30; i += 2) {
      sender.send(packet(false, i));
      other.send(packet(false, i + 1));
    }
    relay.does(() -> receiver.channel.makeRoom(Long.MAX_VALUE));
    List<Frame.RecvPacket> received = withoutStuffing();
    for (int i = 0; i < 30; i++) {
      assertThat(Payloads.number(received.get(i).payload())).isEqualTo(i);
      assertThat(received.get(i).source()).isEqualTo((i % 2 == 0 ? sender : other).key());
    }
  }

  @Test
  void aPacketThatComesWhileOthersWaitDoesNotOvertakeThem() {
    relay.stuff(receiver);
    for (int i = 0; i < 10; i++) {
      sender.send(packet(false, i));
    }
    // Room comes, and more packets, in small portions and in turns.
    for (int i = 10; i < 100; i++) {
      relay.does(() -> receiver.channel.makeRoom(1_500));
      sender.send(packet(false, i));
    }
    List<Integer> received = lane(readAgain(), false);
    assertThat(received).isSorted().contains(99);
    assertThat(relay.dropped()).isPositive();
    assertThat(received.size() + relay.dropped()).isEqualTo(100);
  }

  @Test
  void aPacketThatComesBetweenRoomAndItsAnnouncementDoesNotOvertakeEither() {
    ChannelOutboundBuffer buffer = receiver.channel.unsafe().outboundBuffer();
    relay.does(() -> buffer.setUserDefinedWritability(1, false));
    sender.send(packet(false, 1), packet(false, 2));
    byte[] third = TestClient.bytes(packet(false, 3));
    relay.does(
        () -> {
          // The channel is writable from here on, and says so with the loop's next task.
          buffer.setUserDefinedWritability(1, true);
          sender.channel.arrive(third);
        });
    assertThat(lane(readAgain(), false)).containsExactly(1, 2, 3);
  }

  @Test
  void neitherLaneStarvesTheOther() {
    int discoFirst = 0;
    for (int round = 0; round < 200; round++) {
      relay.stuff(receiver);
      sender.send(packet(false, 1), packet(false, 2));
      sender.send(packet(true, 1), packet(true, 2));
      discoFirst += Payloads.isDisco(readAgain().getFirst()) ? 1 : 0;
    }
    // A fair coin leaves these bounds once in 10^12 runs.
    assertThat(discoFirst).isBetween(50, 150);
  }

  @Test
  void theSenderOfAFrozenReceiverIsServedAsBefore() {
    TestClient healthy = relay.client(3);
    relay.stuff(receiver);
    for (int i = 0; i < 1_000; i++) {
      sender.send(
          packet(false, i),
          new Frame.SendPacket(healthy.key(), Payloads.data(i, 50)),
          new Frame.Ping(i));
    }
    assertThat(healthy.receivedPackets()).hasSize(1_000);
    assertThat(sender.received()).hasSize(1_000);
  }

  @Test
  void aFrozenReceiverHoldsNoMoreThanItsQueuesAndItsBuffer() {
    relay.stuff(receiver);
    byte[] large = Payloads.data(1, 65_536);
    for (int i = 0; i < 200; i++) {
      sender.send(new Frame.SendPacket(receiver.key(), large));
    }
    long queued = DEPTH * (65_536L + RelayFrames.PACKET_HEAD);
    assertThat(relay.queueMemory.used()).isEqualTo(queued);
    // What waits in the channel was stuffed there by two packets of 40,000.
    assertThat(relay.bytesInUse()).isBetween(queued, queued * 5 / 4 + 200_000);
  }

  @Test
  void whatAllQueuesTogetherHoldIsBoundedToo() {
    long limit = 300_000;
    try (TestRelay small =
        new TestRelay(
            TestRelay.Options.DEFAULT.withQueueMemory(limit).withWriteTimeout(LONG, LONG))) {
      TestClient source = small.client(1);
      List<TestClient> frozen = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        frozen.add(small.client(10 + i));
        small.stuff(frozen.get(i));
      }
      long before = small.bytesInUse();
      long mostBytes = 0;
      int sent = 0;
      for (int i = 0; i < 60; i++) {
        for (TestClient client : frozen) {
          List<Frame> run = new ArrayList<>();
          for (int k = 0; k < 1 + i % 40; k++) {
            run.add(new Frame.SendPacket(client.key(), Payloads.data(sent++, 1_280)));
          }
          source.send(run.toArray(new Frame[0]));
          assertThat(small.queueMemory.used()).isLessThanOrEqualTo(limit);
          mostBytes = Math.max(mostBytes, small.bytesInUse() - before);
        }
      }
      // The allocator rounds up, by a quarter at most, and more where a queue holds very little.
      assertThat(mostBytes).isLessThanOrEqualTo(limit * 4 / 3);
      int received = 0;
      for (TestClient client : frozen) {
        small.does(() -> client.channel.makeRoom(Long.MAX_VALUE));
        List<Integer> numbers =
            client.receivedPackets().stream()
                .filter(packet -> packet.source().equals(source.key()))
                .map(packet -> Payloads.number(packet.payload()))
                .toList();
        assertThat(numbers).isSorted();
        received += numbers.size();
      }
      assertThat(received).isGreaterThan((int) (limit / 1_400 / 2));
      assertThat(received + small.dropped(DropReason.QUEUE_HEAD, PacketKind.OTHER)).isEqualTo(sent);
    }
  }

  @Test
  void aReceiverThatTakesPacketsAgainIsChargedNothing() {
    relay.stuff(receiver);
    sender.send(packet(false, 1), packet(true, 2));
    assertThat(relay.queueMemory.used()).isEqualTo(2 * (100 + RelayFrames.PACKET_HEAD));
    readAgain();
    assertThat(relay.queueMemory.used()).isZero();
    assertThat(relay.buffersInUse()).isZero();
  }

  @Test
  void aFrozenReceiverNeverHoldsOnToWhatItsSenderRead() {
    relay.does(receiver.channel::fill);
    Frame rest = new Frame.SendPacket(sender.key(), Payloads.data(1, 60_000));
    for (int i = 0; i < 500; i++) {
      // First into the channel's buffer, then, as that is full, into the queue.
      sender.send(packet(false, i), packet(true, i), rest, packet(false, i));
      assertThat(sender.channel.arrivedInUse()).isZero();
    }
    assertThat(relay.dropped()).isPositive();
    assertThat(sender.receivedPackets()).hasSize(500);
  }

  // What comes before packets

  @Test
  void controlFramesComeBeforeThePacketsThatWait() {
    TestClient gone = relay.client(3);
    gone.send(new Frame.SendPacket(receiver.key(), new byte[1]));
    receiver.received();
    relay.stuff(receiver);
    sender.send(packet(false, 1), packet(true, 2));
    relay.does(gone.channel::hangUp);
    receiver.send(new Frame.Ping(7));
    relay.does(receiver.session::keepAlive);
    relay.does(() -> receiver.channel.makeRoom(Long.MAX_VALUE));

    List<Frame> received = receiver.received();
    List<Frame> behindTheBuffer = received.subList(2, received.size());
    // The one that filled the buffer has left, too.
    assertThat(behindTheBuffer.subList(0, 4))
        .containsExactly(
            new Frame.PeerGone(TestKeys.key(TestRelay.STUFFING), PeerGoneReason.DISCONNECTED),
            new Frame.PeerGone(gone.key(), PeerGoneReason.DISCONNECTED),
            new Frame.Pong(7),
            new Frame.KeepAlive());
    assertThat(behindTheBuffer.subList(4, 6)).allMatch(Frame.RecvPacket.class::isInstance);
    assertThat(behindTheBuffer).hasSize(6);
  }

  @Test
  void notMoreThanOneQueueDepthOfPacketsGoesOutBetweenTwoTurnsOfPresence() {
    TestClient watcher = relay.meshPeer(500);
    for (int i = 0; i < 1_000; i++) {
      relay.client(1_000 + i);
    }
    relay.stuff(watcher);
    for (int i = 0; i < DEPTH; i++) {
      sender.send(
          new Frame.SendPacket(watcher.key(), Payloads.data(i, 100)),
          new Frame.SendPacket(watcher.key(), Payloads.disco(i, 100)));
    }
    watcher.send(new Frame.WatchConns());
    watcher.received();
    relay.does(() -> watcher.channel.makeRoom(Long.MAX_VALUE));

    int packets = 0;
    int mostPackets = 0;
    int present = 0;
    int mostBytes = 0;
    int bytes = 0;
    for (Frame frame : watcher.received()) {
      if (frame instanceof Frame.RecvPacket packet && packet.payload().length == 100) {
        packets++;
        bytes = 0;
      } else if (frame instanceof Frame.PeerPresent) {
        mostPackets = Math.max(mostPackets, packets);
        packets = 0;
        present++;
        bytes += 57;
        mostBytes = Math.max(mostBytes, bytes);
      }
    }
    assertThat(present).isGreaterThan(1_000);
    assertThat(mostPackets).isEqualTo(DEPTH);
    assertThat(mostBytes).isLessThanOrEqualTo(MeshFeed.BATCH_BYTES * 3);
  }

  // Ends

  @Test
  void whatWaitsForAConnectionThatGoesIsCountedByKind() {
    relay.stuff(receiver);
    for (int i = 0; i < 5; i++) {
      sender.send(packet(false, i));
    }
    sender.send(packet(true, 1), packet(true, 2));
    relay.does(receiver.channel::hangUp);
    assertThat(relay.dropped(DropReason.GONE_DISCONNECTED, PacketKind.OTHER)).isEqualTo(5);
    assertThat(relay.dropped(DropReason.GONE_DISCONNECTED, PacketKind.DISCO)).isEqualTo(2);
    assertThat(relay.queueMemory.used()).isZero();
    assertThat(relay.buffersInUse()).isZero();
  }

  @Test
  void aPacketInTheMiddleOfWhoseWritingTheConnectionBreaksIsAWriteError() {
    relay.does(() -> receiver.channel.breakWrites(new IOException("Broken pipe")));
    sender.send(packet(true, 1));
    assertThat(receiver.isClosed()).isTrue();
    assertThat(relay.dropped(DropReason.WRITE_ERROR, PacketKind.DISCO)).isEqualTo(1);
    assertThat(relay.dropped()).isEqualTo(1);
    assertThat(relay.counted(Metric.DERP_BYTES_DROPPED)).isEqualTo(100);
    assertThat(relay.closed(CloseReason.RESET)).isEqualTo(1);
  }

  @Test
  void aConnectionThatIsResetWhilePacketsWaitCountsAllOfThem() {
    relay.stuff(receiver);
    sender.send(packet(false, 1), packet(false, 2));
    relay.does(
        () ->
            receiver
                .channel
                .pipeline()
                .fireExceptionCaught(new IOException("Connection reset by peer")));
    assertThat(receiver.isClosed()).isTrue();
    assertThat(relay.dropped(DropReason.WRITE_ERROR, PacketKind.OTHER)).isEqualTo(1);
    assertThat(relay.dropped(DropReason.GONE_DISCONNECTED, PacketKind.OTHER)).isEqualTo(2);
    assertThat(relay.closed(CloseReason.RESET)).isEqualTo(1);
  }

  @Test
  void anIdleConnectionThatIsResetLosesNoPacket() {
    sender.send(packet(false, 1));
    relay.does(
        () ->
            receiver
                .channel
                .pipeline()
                .fireExceptionCaught(new IOException("Connection reset by peer")));
    assertThat(relay.dropped()).isZero();
    assertThat(relay.closed(CloseReason.RESET)).isEqualTo(1);
  }

  @Test
  void aControlFrameThatCannotBeWrittenIsNoLostPacket() {
    receiver.channel.breakWrites(new IOException("Broken pipe"));
    receiver.send(new Frame.Ping(1));
    assertThat(receiver.isClosed()).isTrue();
    assertThat(relay.dropped()).isZero();
  }

  private static Frame packet(boolean disco, int number) {
    byte[] payload = disco ? Payloads.disco(number, 100) : Payloads.data(number, 100);
    return new Frame.SendPacket(TestKeys.key(RECEIVER), payload);
  }

  /// Lets the receiver read for good, and gives the packets that it gets.
  private List<byte[]> readAgain() {
    relay.does(() -> receiver.channel.makeRoom(Long.MAX_VALUE));
    return withoutStuffing().stream().map(Frame.RecvPacket::payload).toList();
  }

  private List<Frame.RecvPacket> withoutStuffing() {
    return receiver.receivedPackets().stream()
        .filter(packet -> !packet.source().equals(TestKeys.key(TestRelay.STUFFING)))
        .toList();
  }

  private static List<Integer> lane(List<byte[]> payloads, boolean disco) {
    return payloads.stream()
        .filter(payload -> Payloads.isDisco(payload) == disco)
        .map(Payloads::number)
        .toList();
  }
}
