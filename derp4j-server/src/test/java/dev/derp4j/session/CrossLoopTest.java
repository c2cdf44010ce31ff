package dev.derp4j.session;

import dev.derp4j.admission.Reason;
import dev.derp4j.admission.Verdict;
import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.routing.Registry;
import dev.derp4j.routing.TestKeys;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/// Connections of two event loops, each a thread of its own: what goes from one to the other.
class CrossLoopTest {
  private static final int HOME = 0;
  private static final int ABROAD = 1;

  /// What may be under way to a loop, in bytes.
  private static final long UNDER_WAY = 16 << 20;

  private final Metrics metrics = new Metrics("test", "derper");
  private final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
  private final RelayServices services =
      TestRelay.services(
          TestRelay.Options.DEFAULT,
          registry,
          metrics,
          new Population(),
          new QueueMemory(64 << 20));
  private final PooledByteBufAllocator allocator =
      new PooledByteBufAllocator(true, 0, 2, 8192, 4, 0, 0, false);
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
  private final List<EventLoop> eventLoops = new ArrayList<>();
  private final List<RelayLoop> loops = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();

  CrossLoopTest() {
    for (EventExecutor executor : group) {
      EventLoop eventLoop = (EventLoop) executor;
      RelayLoop loop = new RelayLoop(eventLoop, metrics, false, System::nanoTime);
      loop.start();
      eventLoops.add(eventLoop);
      loops.add(loop);
    }
  }

  @AfterEach
  void nothingIsLeft() {
    clients.forEach(Client::hangUp);
    settle();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    clients.forEach(client -> assertThat(client.channel.arrivedInUse()).isZero());
    long buffers =
        allocator.metric().directArenas().stream()
            .mapToLong(PoolArenaMetric::numActiveAllocations)
            .sum();
    assertThat(buffers).as("buffers that nobody gave back").isZero();
    assertThat(registry.census().connections()).isZero();
    assertThat(metrics.closedCount(CloseReason.INTERNAL_ERROR)).isZero();
  }

  @Test
  void everythingArrivesOnceAndInTheOrderOfItsSender() {
    int perSender = 3_000;
    List<Client> senders = new ArrayList<>();
    List<Client> receivers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      senders.add(new Client(10 + i, i % 2));
      receivers.add(new Client(20 + i, i % 2));
    }
    for (Client sender : senders) {
      Random random = new Random(sender.number);
      int number = 0;
      while (number < perSender) {
        List<Frame> read = new ArrayList<>();
        for (int k = random.nextInt(12); k >= 0 && number < perSender; k--) {
          int to = 20 + random.nextInt(receivers.size());
          byte[] payload = Payloads.data(number++, 4 + random.nextInt(100));
          read.add(new Frame.SendPacket(TestKeys.key(to), payload));
        }
        sender.sends(read);
      }
    }
    awaitPackets(4L * perSender);

    int received = 0;
    for (Client receiver : receivers) {
      List<Frame.RecvPacket> packets = receiver.packets();
      received += packets.size();
      for (Client sender : senders) {
        List<Integer> numbers =
            packets.stream()
                .filter(packet -> packet.source().equals(TestKeys.key(sender.number)))
                .map(packet -> Payloads.number(packet.payload()))
                .toList();
        assertThat(numbers).isSorted().doesNotHaveDuplicates().isNotEmpty();
      }
      assertThat(packets)
          .allSatisfy(
              packet ->
                  assertThat(packet.payload())
                      .isEqualTo(
                          Payloads.data(
                              Payloads.number(packet.payload()), packet.payload().length)));
    }
    assertThat(received).isEqualTo(4 * perSender);
    assertThat(metrics.value(Metric.DERP_PACKETS_RECEIVED)).isEqualTo(4L * perSender);
    assertThat(metrics.value(Metric.DERP_PACKETS_DROPPED)).isZero();
  }

  @Test
  void aLoopThatIsBusyElsewhereHoldsABoundedAmountAndTakesPacketsAgainLater() {
    Client sender = new Client(1, HOME);
    Client receiver = new Client(2, ABROAD);
    CountDownLatch release = new CountDownLatch(1);
    eventLoops.get(ABROAD).execute(() -> awaitUninterruptibly(release));
    int packets = 400;
    try {
      overwhelm(sender, receiver, packets);
    } finally {
      release.countDown();
    }
    awaitPackets(2 * packets);
    assertThat(receiver.packets()).hasSize(2 * packets - (int) droppedInAll());

    long before = droppedInAll();
    for (int i = 0; i < 200; i++) {
      sender.sends(List.of(receiver.packet(i, 60_000)));
    }
    awaitPackets(2 * packets + 200);
    assertThat(droppedInAll()).isEqualTo(before);
  }

  private void overwhelm(Client sender, Client receiver, int packets) {
    for (int i = 0; i < packets; i++) {
      sender.sends(List.of(receiver.packet(i, 60_000), receiver.disco(i, 60_000)));
    }
    eventLoops.get(HOME).submit(() -> {}).syncUninterruptibly();
    long passed = UNDER_WAY / (60_000 + RelayFrames.PACKET_HEAD);
    assertThat(droppedInAll()).isEqualTo(2L * packets - passed);
    assertThat(metrics.value(Metric.DERP_BYTES_DROPPED)).isEqualTo(60_000 * droppedInAll());
    assertThat(metrics.dropped(DropReason.QUEUE_HEAD, PacketKind.DISCO)).isPositive();
    assertThat(metrics.dropped(DropReason.QUEUE_HEAD, PacketKind.OTHER)).isPositive();
  }

  @Test
  void whatIsUnderWayPinsNoReadThatItIsASmallPartOf() {
    Client sender = new Client(1, HOME);
    Client near = new Client(2, HOME);
    Client far = new Client(3, ABROAD);
    CountDownLatch release = new CountDownLatch(1);
    eventLoops.get(ABROAD).execute(() -> awaitUninterruptibly(release));
    try {
      sender.sends(List.of(near.packet(1, 20_000), far.packet(2, 1_000)));
      eventLoops.get(HOME).submit(() -> {}).syncUninterruptibly();
      eventLoops.get(HOME).submit(() -> {}).syncUninterruptibly();
      assertThat(near.packets()).hasSize(1);
      assertThat(sender.channel.arrivedInUse()).isZero();
    } finally {
      release.countDown();
    }
    awaitPackets(2);
    settle();
    assertThat(far.packets())
        .extracting(Frame.RecvPacket::payload)
        .containsExactly(Payloads.data(2, 1_000));
  }

  @Test
  void aFrozenReceiverAbroadKeepsTheNewestPackets() {
    Client sender = new Client(1, HOME);
    Client receiver = new Client(2, ABROAD);
    receiver.on(
        () -> {
          receiver.channel.fill();
          return null;
        });
    for (int i = 0; i < 100; i++) {
      sender.sends(List.of(receiver.packet(i, 5_000)));
    }
    settle();
    receiver.on(
        () -> {
          receiver.channel.makeRoom(Long.MAX_VALUE);
          return null;
        });
    settle();
    List<Integer> numbers =
        receiver.packets().stream().map(packet -> Payloads.number(packet.payload())).toList();
    assertThat(numbers).isSorted().contains(0, 68, 99);
    assertThat(numbers.subList(numbers.size() - 32, numbers.size())).startsWith(68).endsWith(99);
    assertThat(numbers.size() + droppedInAll()).isEqualTo(100);
  }

  @Test
  void theLeavingOfAPeerAbroadIsTold() {
    Client sender = new Client(1, ABROAD);
    Client receiver = new Client(2, HOME);
    sender.sends(List.of(receiver.packet(1, 10)));
    awaitPackets(1);
    sender.hangUp();
    settle();
    assertThat(receiver.frames())
        .endsWith(new Frame.PeerGone(TestKeys.key(1), PeerGoneReason.DISCONNECTED));
  }

  @Test
  void aTwinAbroadIsTold() {
    Client first = new Client(1, HOME);
    Client second = new Client(1, ABROAD);
    settle();
    Frame warning = new Frame.Health(RelaySession.DUPLICATE_WARNING);
    assertThat(first.frames()).containsExactly(warning);
    assertThat(second.frames()).containsExactly(warning);
  }

  @Test
  void anyThreadMayDeliver() throws InterruptedException {
    Client receiver = new Client(1, HOME);
    Thread stranger =
        new Thread(
            () -> {
              for (int i = 0; i < 100; i++) {
                receiver.session.deliver(TestKeys.key(9), run(Payloads.data(i, 50)), 1, false);
              }
            });
    stranger.start();
    stranger.join();
    awaitPackets(100);
    assertThat(receiver.packets())
        .extracting(packet -> Payloads.number(packet.payload()))
        .isSorted()
        .hasSize(100);
  }

  @Test
  void whatIsForALoopThatHasEndedIsGivenBack() throws InterruptedException {
    Client receiver = new Client(1, HOME);
    receiver.hangUp();
    settle();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    Thread stranger =
        new Thread(
            () -> {
              receiver.session.deliver(TestKeys.key(9), run(new byte[10]), 1, false);
              receiver.session.peerGone(TestKeys.key(9));
              receiver.session.duplicateChanged(true);
              receiver.session.disconnect();
            });
    List<Throwable> escaped = new ArrayList<>();
    stranger.setUncaughtExceptionHandler((thread, failure) -> escaped.add(failure));
    stranger.start();
    stranger.join();
    assertThat(escaped).isEmpty();
  }

  private ByteBuf run(byte[] payload) {
    byte[] frame = TestClient.bytes(new Frame.RecvPacket(TestKeys.key(9), payload));
    return allocator.directBuffer(frame.length).writeBytes(frame);
  }

  private long droppedInAll() {
    return metrics.value(Metric.DERP_PACKETS_DROPPED);
  }

  private void awaitPackets(long count) {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> metrics.value(Metric.DERP_PACKETS_SENT) + droppedInAll() == count);
    settle();
  }

  /// Waits until both loops have done what was due, and what that led to on the other.
  private void settle() {
    for (int round = 0; round < 4; round++) {
      for (EventLoop loop : eventLoops) {
        if (!loop.isShuttingDown()) {
          loop.submit(() -> {}).syncUninterruptibly();
        }
      }
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /// A connection on one of the two loops.
  private final class Client {
    final int number;
    final ScriptedChannel channel;
    final RelaySession session;
    private final EventLoop eventLoop;
    private final FrameDecoder decoder = FrameDecoder.forServerFrames();

    Client(int number, int loop) {
      this.number = number;
      eventLoop = eventLoops.get(loop);
      InetSocketAddress remote = new InetSocketAddress("192.0.2.1", 1_000 + number);
      channel = new ScriptedChannel(allocator, remote);
      eventLoop.register(channel).syncUninterruptibly();
      RelaySession.Identity identity =
          new RelaySession.Identity(TestKeys.key(number), false, false, false, "");
      session = new RelaySession(services, loops.get(loop), channel, remote, identity);
      on(
          () -> {
            channel.pipeline().addLast("relay", new RelayHandler(session));
            session.start(new Verdict.Admitted(Reason.NO_OBJECTION));
            return null;
          });
      clients.add(this);
    }

    Frame packet(int packet, int length) {
      return new Frame.SendPacket(TestKeys.key(number), Payloads.data(packet, length));
    }

    Frame disco(int packet, int length) {
      return new Frame.SendPacket(TestKeys.key(number), Payloads.disco(packet, length));
    }

    /// Lets frames arrive in one read, some time soon.
    void sends(List<Frame> frames) {
      byte[] bytes = TestClient.bytes(frames.toArray(new Frame[0]));
      eventLoop.execute(() -> channel.arrive(bytes));
    }

    void hangUp() {
      if (!eventLoop.isShuttingDown()) {
        on(
            () -> {
              if (channel.isOpen()) {
                channel.hangUp();
              }
              return null;
            });
      }
    }

    List<Frame> frames() {
      byte[] bytes = on(channel::taken);
      List<Frame> frames = new ArrayList<>();
      try {
        decoder.decode(Unpooled.wrappedBuffer(bytes), frames::add);
      } catch (ProtocolException broken) {
        throw new AssertionError("the relay broke the protocol", broken);
      }
      return frames;
    }

    List<Frame.RecvPacket> packets() {
      return frames().stream()
          .filter(Frame.RecvPacket.class::isInstance)
          .map(Frame.RecvPacket.class::cast)
          .toList();
    }

    private <T> T on(Callable<T> action) {
      return eventLoop.submit(action).syncUninterruptibly().getNow();
    }
  }
}
