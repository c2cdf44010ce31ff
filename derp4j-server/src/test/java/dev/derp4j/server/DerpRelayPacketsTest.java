package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.testkit.DerpTestClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Packets through a whole relay, whatever it runs on.
class DerpRelayPacketsTest {
  private static final int[] SIZES = {0, 1, 61, 62, 1280, 16_383, 16_384, 65_535, 65_536};
  private static final int CLIENTS = 5;
  private static final int PACKETS = 200;
  private static final int MTU = 1400;

  static Stream<Wiring> wirings() {
    return Stream.of(
            Wiring.plain(),
            Wiring.plain().withNio(),
            Wiring.overTls(),
            Wiring.overTls().withNio(),
            Wiring.overTls().withJdkTls(),
            Wiring.overTls().withJdkTls().withNio())
        .flatMap(wiring -> IntStream.of(1, 3).mapToObj(wiring::withLoops));
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void packetsOfEverySizeArriveAsTheyWereBothWays(Wiring wiring) throws Exception {
    try (TestRelay relay = TestRelay.start(wiring);
        DerpTestClient alice = relay.connect();
        DerpTestClient bob = relay.connect(relay.options().fastStart())) {
      for (int size : SIZES) {
        byte[] packet = new byte[size];
        new Random(size).nextBytes(packet);
        Packets.pass(alice, bob, packet);
        Packets.pass(bob, alice, packet);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void whatIsPipelinedBehindTheRequestIsNotLost(Wiring wiring) throws Exception {
    try (TestRelay relay = TestRelay.start(wiring);
        DerpTestClient bob = relay.connect()) {
      byte[] packet = Packets.numbered(1, 1000);
      byte[] early = Bytes.of(new Frame.SendPacket(bob.publicKey(), packet), new Frame.Ping(7));
      try (DerpTestClient alice =
          relay.connect(
              relay
                  .options()
                  .fastStart()
                  .knownServerKey(relay.relay().publicKey())
                  .pipelined(early))) {
        Packets.expect(bob, alice.publicKey(), packet);
        assertThat(alice.expect(Frame.Pong.class).data()).isEqualTo(7);
      }
    }
  }

  /// With several loops most of these packets pass from one to another.
  @ParameterizedTest
  @MethodSource("wirings")
  void everyoneToEveryoneArrivesInOrderAndWhole(Wiring wiring) throws Exception {
    int depth = CLIENTS * PACKETS;
    try (TestRelay relay = TestRelay.start(wiring, config -> config.sendQueueDepth(depth))) {
      List<DerpTestClient> clients = new ArrayList<>();
      try {
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(relay.connect());
        }
        runAll(clients);
        assertThat(relay.dropped()).isZero();
      } finally {
        for (DerpTestClient client : clients) {
          client.close();
        }
      }
    }
  }

  private static void runAll(List<DerpTestClient> clients) throws Exception {
    List<Callable<Void>> work = new ArrayList<>();
    for (DerpTestClient client : clients) {
      work.add(() -> sendToAll(client, clients));
      work.add(() -> receiveFromAll(client, clients.size()));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(work.size())) {
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }

  private static Void sendToAll(DerpTestClient from, List<DerpTestClient> clients)
      throws IOException {
    Random random = new Random(clients.indexOf(from));
    for (int number = 0; number < PACKETS; number++) {
      List<Frame> burst = new ArrayList<>();
      for (DerpTestClient to : clients) {
        int length = Packets.LEAST + random.nextInt(MTU - Packets.LEAST);
        burst.add(new Frame.SendPacket(to.publicKey(), Packets.numbered(number, length)));
      }
      from.write(burst.toArray(Frame[]::new));
    }
    return null;
  }

  private static Void receiveFromAll(DerpTestClient at, int senders) throws IOException {
    Map<NodePublicKey, Integer> next = new HashMap<>();
    for (int i = 0; i < senders * PACKETS; i++) {
      Frame.RecvPacket packet = Packets.receive(at);
      int expected = next.merge(packet.source(), 1, Integer::sum) - 1;
      assertThat(Packets.numberOf(packet.payload())).isEqualTo(expected);
    }
    return null;
  }
}
