package dev.derp4j.session;

import dev.derp4j.admission.Admission;
import dev.derp4j.admission.Reason;
import dev.derp4j.admission.Verdict;
import dev.derp4j.frame.Frame;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.limits.RateLimits;
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
import io.netty.channel.EventLoop;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/// One relay loop with connections whose network and whose time the test plays.
///
/// The loop is a real one, turned by hand on the test's own thread: tasks run in order, none inside
/// another, and nothing happens between two calls. Closing it closes all connections, and fails if
/// a buffer was not given back, something is still registered, or a pipeline met with an exception.
final class TestRelay implements AutoCloseable {
  static final NodePrivateKey PRIVATE_KEY =
      NodePrivateKey.parse(
          "privkey:e0f1c2d3a4b5968778695a4b3c2d1e0f00112233445566778899aabbccddeeff");
  static final MeshKey MESH_KEY =
      MeshKey.parse("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");

  /// The number of a key that fills connections up.
  static final int STUFFING = 987_654;

  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TimerWheel.TICK_MILLIS);

  final Metrics metrics = new Metrics("test", "derper");
  final Registry registry;
  final QueueMemory queueMemory;
  final Population population = new Population();
  final RelayServices services;
  final RelayLoop loop;

  private final MockTicker ticker = Ticker.newMockTicker();
  private final ManualIoEventLoop eventLoop =
      new ManualIoEventLoop(null, Thread.currentThread(), LocalIoHandler.newFactory(), ticker);

  /// Without caches, so that the count of buffers in use is exact; one for all relays, since a pool
  /// gives its memory back late, and a search for bugs makes thousands of relays.
  private static final PooledByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(true, 0, 1, 8192, 9, 0, 0, false);

  /// What other relays of the same test had in use when this one was made.
  private final long foreignBuffers = buffersOfAll();

  private final long foreignBytes = ALLOCATOR.pinnedDirectMemory();

  private final List<ScriptedChannel> channels = new ArrayList<>();
  private int nextPort = 10_000;
  private long forgiven;

  /// What of a relay can be chosen. Changed by the `with…` methods of a copy each.
  record Options(
      DuplicatePolicy policy,
      int queueDepth,
      long queueMemory,
      Duration writeTimeout,
      Duration meshWriteTimeout,
      Set<NodePublicKey> verboseDrops,
      Admission admission,
      RateLimits limits) {
    static final Options DEFAULT =
        new Options(
            DuplicatePolicy.LAST_WRITER_ACTIVE,
            32,
            64 << 20,
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Set.of(),
            Admission.open(),
            new RateLimits(false));

    Options withPolicy(DuplicatePolicy policy) {
      return new Options(
          policy,
          queueDepth,
          queueMemory,
          writeTimeout,
          meshWriteTimeout,
          verboseDrops,
          admission,
          limits);
    }

    Options withAdmission(Admission admission) {
      return new Options(
          policy,
          queueDepth,
          queueMemory,
          writeTimeout,
          meshWriteTimeout,
          verboseDrops,
          admission,
          limits);
    }

    Options withLimits(RateLimits limits) {
      return new Options(
          policy,
          queueDepth,
          queueMemory,
          writeTimeout,
          meshWriteTimeout,
          verboseDrops,
          admission,
          limits);
    }

    Options withQueueMemory(long bytes) {
      return new Options(
          policy,
          queueDepth,
          bytes,
          writeTimeout,
          meshWriteTimeout,
          verboseDrops,
          admission,
          limits);
    }

    Options withWriteTimeout(Duration client, Duration mesh) {
      return new Options(
          policy, queueDepth, queueMemory, client, mesh, verboseDrops, admission, limits);
    }

    Options withVerboseDrops(NodePublicKey destination) {
      return new Options(
          policy,
          queueDepth,
          queueMemory,
          writeTimeout,
          meshWriteTimeout,
          Set.of(destination),
          admission,
          limits);
    }
  }

  TestRelay() {
    this(Options.DEFAULT);
  }

  TestRelay(Options options) {
    registry = new Registry(options.policy());
    queueMemory = new QueueMemory(options.queueMemory());
    services = services(options, registry, metrics, population, queueMemory);
    loop = new RelayLoop(eventLoop, metrics, false, ticker::nanoTime);
    loop.start();
    run();
  }

  /// What connections share, for relays put together otherwise.
  static RelayServices services(
      Options options,
      Registry registry,
      Metrics metrics,
      Population population,
      QueueMemory queueMemory) {
    return new RelayServices(
        PRIVATE_KEY.publicKey(),
        registry,
        metrics,
        options.admission(),
        options.limits(),
        population,
        new MeshTraffic(),
        new ConnectionLog(metrics),
        queueMemory,
        options.verboseDrops(),
        options.queueDepth(),
        options.writeTimeout(),
        options.meshWriteTimeout(),
        false);
  }

  /// An ordinary client that has been through the handshake.
  TestClient client(int key) {
    return client(new RelaySession.Identity(TestKeys.key(key), false, false, false, ""));
  }

  /// A client that showed the mesh key.
  TestClient meshPeer(int key) {
    return client(new RelaySession.Identity(TestKeys.key(key), true, false, false, ""));
  }

  /// A client that said this of itself.
  TestClient client(RelaySession.Identity identity) {
    return client(identity, nextAddress());
  }

  /// A client that said this of itself, from there.
  TestClient client(RelaySession.Identity identity, InetSocketAddress remote) {
    ScriptedChannel channel = channel(remote);
    RelaySession session = new RelaySession(services, loop, channel, remote, identity);
    channel.pipeline().addLast("relay", new RelayHandler(session));
    session.start(new Verdict.Admitted(Reason.NO_OBJECTION));
    run();
    return new TestClient(this, channel, session);
  }

  /// A connection with nothing in its pipeline.
  ScriptedChannel channel(InetSocketAddress remote) {
    ScriptedChannel channel = new ScriptedChannel(ALLOCATOR, remote);
    channels.add(channel);
    EventLoop any = eventLoop;
    any.register(channel);
    run();
    return channel;
  }

  /// A connection whose handshake begins.
  ScriptedChannel newcomer(Optional<MeshKey> meshKey, byte[] upgradeResponse) {
    InetSocketAddress remote = nextAddress();
    ScriptedChannel channel = channel(remote);
    HandshakePhase.Secrets secrets =
        new HandshakePhase.Secrets(
            PRIVATE_KEY, new MeshKeyRing(meshKey.map(List::of).orElse(List.of())));
    channel
        .pipeline()
        .addLast(
            "handshake",
            new HandshakePhase(services, loop, secrets, remote, false, upgradeResponse));
    run();
    return channel;
  }

  InetSocketAddress nextAddress() {
    return new InetSocketAddress("192.0.2.1", nextPort++);
  }

  /// Leaves a connection with so much unsent that it takes no more for now, and a kernel that takes
  /// nothing. The packets for this come from [#STUFFING].
  void stuff(TestClient client) {
    does(client.channel::fill);
    TestClient stuffer = client(STUFFING);
    for (int i = 0; i < 2; i++) {
      stuffer.send(new Frame.SendPacket(client.key(), new byte[40_000]));
    }
    does(stuffer.channel::hangUp);
    assertThat(client.channel.isWritable()).isFalse();
  }

  /// Does something on the loop, then everything that follows from it.
  void does(Runnable task) {
    eventLoop.execute(task);
    run();
  }

  /// Does something on the loop at the next turn; several of these make one burst.
  void later(Runnable task) {
    eventLoop.execute(task);
  }

  /// Does everything that is due.
  void run() {
    while (eventLoop.runNow() > 0) {
      // Each task may lead to others.
    }
  }

  /// Lets time pass, tick by tick.
  void pass(Duration time) {
    long left = time.toNanos();
    while (left > 0) {
      long step = Math.min(left, TICK_NANOS);
      ticker.advance(step, TimeUnit.NANOSECONDS);
      run();
      left -= step;
    }
  }

  Duration now() {
    return Duration.ofNanos(ticker.nanoTime());
  }

  /// A buffer of the relay's allocator that holds these bytes.
  ByteBuf buffer(byte[] bytes) {
    return ALLOCATOR.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
  }

  /// Buffers that are not given back yet.
  long buffersInUse() {
    long arrived = channels.stream().mapToLong(ScriptedChannel::arrivedInUse).sum();
    return buffersOfAll() - foreignBuffers + arrived;
  }

  private static long buffersOfAll() {
    return ALLOCATOR.metric().directArenas().stream()
        .mapToLong(PoolArenaMetric::numActiveAllocations)
        .sum();
  }

  /// Bytes that these buffers take, as the allocator rounds them.
  long bytesInUse() {
    return ALLOCATOR.pinnedDirectMemory() - foreignBytes;
  }

  long counted(Metric metric) {
    return metrics.value(metric);
  }

  long dropped(DropReason reason, PacketKind kind) {
    return metrics.dropped(reason, kind);
  }

  /// Drops for whatever reason.
  long dropped() {
    return metrics.value(Metric.DERP_PACKETS_DROPPED);
  }

  long closed(CloseReason reason) {
    return metrics.closedCount(reason);
  }

  /// For tests that make faults: [#close] accepts those that were counted.
  void forgiveInternalErrors() {
    forgiven = closed(CloseReason.INTERNAL_ERROR);
  }

  @Override
  public void close() {
    run();
    for (ScriptedChannel channel : channels) {
      if (channel.isOpen()) {
        does(channel::hangUp);
      }
    }
    assertThat(registry.census().connections()).isZero();
    assertThat(registry.census().watchers()).isZero();
    assertThat(registry.census().awaitedSources()).isZero();
    assertThat(population.home().sum()).isZero();
    assertThat(population.notIdeal().sum()).isZero();
    assertThat(queueMemory.used()).isZero();
    assertThat(buffersInUse()).as("buffers that nobody gave back").isZero();
    assertThat(closed(CloseReason.INTERNAL_ERROR)).isEqualTo(forgiven);
    assertThat(metrics.value(Metric.DERP4J_CONNECTIONS_CLOSED))
        .as("ends counted, each connection once")
        .isEqualTo(channels.size());
  }
}
