package dev.derp4j.session;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.DuplicatePolicy;
import dev.derp4j.routing.Registry;
import dev.derp4j.transport.RelayEventLoops;
import dev.derp4j.transport.SocketOptions;
import dev.derp4j.transport.Transport;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/// Real sockets, two event loops, and clients that speak DERP without HTTP before it.
class LoopbackRelayTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Metrics metrics = new Metrics("test", "derper");
  private final Registry registry = new Registry(DuplicatePolicy.LAST_WRITER_ACTIVE);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Socket> sockets = new ArrayList<>();
  private RelayEventLoops loops;
  private InetSocketAddress address;

  private void start(Transport transport, Duration writeTimeout) throws IOException {
    assumeThat(transport == Transport.NIO || Transport.choose() == transport)
        .as("the transport is there")
        .isTrue();
    loops = new RelayEventLoops(transport, 2);
    loops.loops().forEach(loop -> RelayLoop.attach(loop, metrics, true));
    RelayServices services =
        TestRelay.services(
            TestRelay.Options.DEFAULT.withWriteTimeout(writeTimeout, writeTimeout),
            registry,
            metrics,
            new Population(),
            new QueueMemory(64 << 20));
    HandshakePhase.Secrets secrets =
        new HandshakePhase.Secrets(TestRelay.PRIVATE_KEY, new MeshKeyRing(List.of()));
    address =
        loops.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new SocketOptions(Duration.ofMinutes(10), Duration.ofSeconds(15)),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
                channel
                    .pipeline()
                    .addLast(
                        new HandshakePhase(
                            services, RelayLoop.current(), secrets, remote, false, new byte[0]));
              }
            });
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (loops != null) {
      loops.stopListening();
      registry.awaitEmpty(PATIENCE);
      loops.close();
    }
    threads.shutdownNow();
    assertThat(registry.census().connections()).isZero();
    assertThat(metrics.closedCount(CloseReason.INTERNAL_ERROR)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void packetsOfManyPairsArriveInOrderAndAreAllAccountedFor(Transport transport) throws Exception {
    start(transport, Duration.ofSeconds(30));
    int pairs = 6;
    int perPair = 5_000;
    List<Future<List<Integer>>> results = new ArrayList<>();
    List<Future<?>> senders = new ArrayList<>();
    for (int pair = 0; pair < pairs; pair++) {
      Client sender = new Client();
      Client receiver = new Client();
      // The newest packet is never dropped, so that the last one always arrives.
      results.add(threads.submit(() -> receiver.numbersUntil(perPair)));
      Random random = new Random(pair);
      senders.add(
          threads.submit(
              () -> {
                sendAll(sender, receiver, random, perPair);
                return null;
              }));
    }
    for (Future<?> sender : senders) {
      sender.get();
    }
    long received = 0;
    for (Future<List<Integer>> result : results) {
      List<Integer> numbers = result.get();
      assertThat(numbers).isSorted().doesNotHaveDuplicates();
      received += numbers.size();
    }
    long sent = (long) pairs * (perPair + 1);
    long dropped = metrics.value(Metric.DERP_PACKETS_DROPPED);
    assertThat(received + dropped).isEqualTo(sent);
    assertThat(metrics.dropped(DropReason.QUEUE_HEAD, PacketKind.OTHER)).isEqualTo(dropped);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(metrics.value(Metric.DERP_PACKETS_RECEIVED)).isEqualTo(sent);
              assertThat(metrics.value(Metric.DERP_PACKETS_SENT)).isEqualTo(sent - dropped);
            });
  }

  private static void sendAll(Client sender, Client receiver, Random random, int packets)
      throws IOException {
    int number = 0;
    while (number <= packets) {
      List<Frame> burst = new ArrayList<>();
      for (int k = random.nextInt(40); k >= 0 && number <= packets; k--) {
        byte[] payload = Payloads.data(number++, 100 + random.nextInt(1_200));
        burst.add(new Frame.SendPacket(receiver.key.publicKey(), payload));
      }
      sender.send(burst);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatNeverReadsIsClosedAndOnlyIt(Transport transport) throws Exception {
    start(transport, Duration.ofMillis(500));
    Client sender = new Client();
    Client frozen = new Client();
    Client healthy = new Client();
    Future<List<Integer>> received = threads.submit(() -> healthy.numbersUntil(20_000));
    int number = 0;
    while (metrics.closedCount(CloseReason.WRITE_TIMEOUT) == 0 && number < 20_000) {
      sender.send(
          List.of(
              new Frame.SendPacket(frozen.key.publicKey(), new byte[10_000]),
              new Frame.SendPacket(healthy.key.publicKey(), Payloads.data(number++, 4))));
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(metrics.closedCount(CloseReason.WRITE_TIMEOUT)).isEqualTo(1));
    sender.send(List.of(new Frame.SendPacket(healthy.key.publicKey(), Payloads.data(20_000, 4))));
    assertThat(received.get()).isSorted().doesNotHaveDuplicates().endsWith(20_000);
    assertThat(registry.census().connections()).isEqualTo(2);
    assertThat(registry.find(frozen.key.publicKey())).isNull();
    assertThat(metrics.value(Metric.DERP_SCLIENT_WRITE_TIMEOUTS)).isEqualTo(1);
    assertThat(metrics.dropped(DropReason.WRITE_ERROR, PacketKind.OTHER)).isEqualTo(1);
    assertThat(metrics.dropped(DropReason.QUEUE_HEAD, PacketKind.OTHER)).isPositive();
  }

  /// A blocking client.
  private final class Client {
    final NodePrivateKey key = NodePrivateKey.generate();
    private final Socket socket = new Socket();
    private final FrameDecoder decoder = FrameDecoder.forServerFrames();
    private final byte[] read = new byte[32_768];

    Client() throws Exception {
      sockets.add(socket);
      socket.setReceiveBufferSize(16 * 1024);
      socket.setTcpNoDelay(true);
      socket.connect(address);
      SharedBox box = SharedBox.between(key, TestRelay.PRIVATE_KEY.publicKey());
      byte[] sealed = box.sealWithRandomNonce(ClientInfo.plain().toJson());
      socket
          .getOutputStream()
          .write(
              RelayHandlerTest.joined(
                  TestClient.header(
                      FrameType.CLIENT_INFO.code(), NodePublicKey.LENGTH + sealed.length),
                  key.publicKey().toBytes(),
                  sealed));
      List<Frame> greeting = new ArrayList<>();
      while (greeting.size() < 2) {
        greeting.addAll(frames());
      }
      assertThat(greeting.get(0)).isInstanceOf(Frame.ServerKey.class);
      assertThat(greeting.get(1)).isInstanceOf(Frame.ServerInfo.class);
    }

    void send(List<Frame> frames) throws IOException {
      socket.getOutputStream().write(TestClient.bytes(frames.toArray(new Frame[0])));
    }

    /// The numbers of the packets that arrive, up to the one with this number.
    List<Integer> numbersUntil(int last) throws Exception {
      List<Integer> numbers = new ArrayList<>();
      while (numbers.isEmpty() || numbers.getLast() != last) {
        for (Frame frame : frames()) {
          if (frame instanceof Frame.RecvPacket packet) {
            numbers.add(Payloads.number(packet.payload()));
          }
        }
      }
      return numbers;
    }

    private List<Frame> frames() throws IOException, ProtocolException {
      InputStream in = socket.getInputStream();
      int length = in.read(read);
      if (length < 0) {
        throw new IOException("closed by the relay");
      }
      List<Frame> frames = new ArrayList<>();
      decoder.decode(Unpooled.wrappedBuffer(Arrays.copyOf(read, length)), frames::add);
      return frames;
    }
  }
}
