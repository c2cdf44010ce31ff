package dev.derp4j.systemtests;

import dev.derp4j.client.ClientClosedException;
import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpMessage;
import dev.derp4j.client.dial.CertificateCheck;
import dev.derp4j.client.dial.DialException;
import dev.derp4j.client.dial.DialStep;
import dev.derp4j.client.watch.MeshWatch;
import dev.derp4j.client.watch.WatchListener;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.frame.PeerPresentFlags;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/// What a client does with any relay, reached in any way. The same for ours and for the original.
@ParameterizedClass(name = "{0}")
@MethodSource("ways")
@Timeout(120)
class DerpClientTest {
  private static RunningRelay relay;

  DerpClientTest(Way way) {}

  static Stream<Way> ways() {
    Stream<Way> ours = Way.all(false).stream();
    return OriginalDerper.binary().isPresent() ? Stream.concat(ours, Way.all(true).stream()) : ours;
  }

  @BeforeParameterizedClassInvocation
  static void startRelay(Way way) throws Exception {
    relay = new RunningRelay(way);
  }

  @AfterParameterizedClassInvocation
  static void stopRelay() throws Exception {
    relay.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// What begins like this looks to a relay like one of its clients' probes.
  private static byte[] disco() {
    byte[] packet = new byte[100];
    byte[] magic = bytes("TS💬");
    System.arraycopy(magic, 0, packet, 0, magic.length);
    return packet;
  }

  @Test
  void packetsOfEverySizeGoBothWays() throws Exception {
    try (DerpClient alice = relay.builder().build();
        DerpClient bob = relay.builder().build()) {
      bob.connect();
      Random random = new Random(4);
      for (int size : new int[] {0, 1, 1280, 16_384, 65_535, 65_536}) {
        byte[] packet = new byte[size];
        random.nextBytes(packet);

        alice.send(bob.publicKey(), packet);
        DerpMessage.Packet there = Expect.message(bob, DerpMessage.Packet.class);
        assertThat(there.source()).isEqualTo(alice.publicKey());
        bob.send(there.source(), there.payload());

        assertThat(Expect.packet(alice)).isEqualTo(packet);
      }
      assertThat(alice.counters().packetsSent()).isEqualTo(6);
      assertThat(bob.counters().packetsReceived()).isEqualTo(6);
    }
  }

  @Test
  void manyPacketsKeepTheirOrder() throws Exception {
    try (DerpClient alice = relay.builder().build();
        DerpClient bob = relay.builder().build()) {
      bob.connect();
      for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 20; i++) { // fewer than the relay's queue holds
          alice.send(bob.publicKey(), bytes(round + "." + i));
        }
        for (int i = 0; i < 20; i++) {
          assertThat(Expect.packet(bob)).isEqualTo(bytes(round + "." + i));
        }
      }
    }
  }

  @Test
  void theFirstMessageTellsWhoTheServerIs() throws Exception {
    try (DerpClient client = relay.builder().build()) {
      DerpMessage.Connected connected = Expect.message(client, DerpMessage.Connected.class);

      assertThat(connected.generation()).isEqualTo(1);
      assertThat(connected.serverInfo().version()).isEqualTo(2);
      assertThat(client.serverKey()).contains(connected.serverKey());
      assertThat(client.isConnected()).isTrue();
      assertThat(client.health()).isEmpty();
    }
  }

  @Test
  void aPeerThatIsNotThereIsReported() throws Exception {
    NodePublicKey nobody = NodePrivateKey.generate().publicKey();
    try (DerpClient client = relay.builder().build()) {
      client.send(nobody, disco());

      assertThat(Expect.message(client, DerpMessage.PeerGone.class))
          .isEqualTo(new DerpMessage.PeerGone(nobody, PeerGoneReason.NOT_HERE));
    }
  }

  @Test
  void aPeerThatLeavesIsReported() throws Exception {
    try (DerpClient alice = relay.builder().build()) {
      alice.connect();
      NodePublicKey bobsKey;
      try (DerpClient bob = relay.builder().build()) {
        bobsKey = bob.publicKey();
        bob.send(alice.publicKey(), bytes("hello"));
        Expect.packet(alice);
      }

      assertThat(Expect.message(alice, DerpMessage.PeerGone.class))
          .isEqualTo(new DerpMessage.PeerGone(bobsKey, PeerGoneReason.DISCONNECTED));
    }
  }

  @Test
  void pingsAreAnswered() throws Exception {
    try (DerpClient client = relay.builder().build()) {
      for (int i = 0; i < 5; i++) {
        assertThat(client.ping(Expect.LIMIT)).isPositive();
      }
      assertThat(client.pingAsync().get(20, TimeUnit.SECONDS)).isPositive();
    }
  }

  @Test
  void whoWatchesSeesEveryoneComeAndGo() throws Exception {
    try (DerpClient watcher = relay.meshBuilder().watchConnections().build()) {
      DerpMessage.PeerPresent own =
          Expect.message(
              watcher,
              DerpMessage.PeerPresent.class,
              present -> present.peer().equals(watcher.publicKey()));
      assertThat(own.flags() & PeerPresentFlags.MESH_PEER).isNotZero();
      NodePublicKey visitor;
      try (DerpClient client = relay.builder().build()) {
        client.connect();
        visitor = client.publicKey();
        Expect.message(
            watcher, DerpMessage.PeerPresent.class, present -> present.peer().equals(visitor));
      }

      Expect.message(watcher, DerpMessage.PeerGone.class, gone -> gone.peer().equals(visitor));
    }
  }

  @Test
  void watchingCanBeginLater() throws Exception {
    try (DerpClient watcher = relay.meshBuilder().build()) {
      watcher.connect();
      watcher.watchConnections();

      Expect.message(
          watcher,
          DerpMessage.PeerPresent.class,
          present -> present.peer().equals(watcher.publicKey()));
    }
  }

  @Test
  void aForwardedPacketComesFromItsSender() throws Exception {
    NodePublicKey far = NodePrivateKey.generate().publicKey();
    try (DerpClient neighbour = relay.meshBuilder().build();
        DerpClient client = relay.builder().build()) {
      client.connect();
      neighbour.forwardPacket(far, client.publicKey(), bytes("from afar"));

      DerpMessage.Packet packet = Expect.message(client, DerpMessage.Packet.class);
      assertThat(packet.source()).isEqualTo(far);
      assertThat(packet.payload()).isEqualTo(bytes("from afar"));
    }
  }

  @Test
  void aLostConnectionIsToldAndTheNextUseConnectsAgain() throws Exception {
    try (DerpClient neighbour = relay.meshBuilder().build();
        DerpClient watcher = relay.meshBuilder().watchConnections().build()) {
      Expect.message(watcher, DerpMessage.PeerPresent.class);
      watcher.notePreferred(true);
      neighbour.closePeer(watcher.publicKey());

      assertThat(Expect.message(watcher, DerpMessage.Disconnected.class).generation()).isEqualTo(1);
      assertThat(Expect.message(watcher, DerpMessage.Connected.class).generation()).isEqualTo(2);
      assertThat(watcher.connectionGeneration()).isEqualTo(2);
      Expect.message( // asked for again
          watcher,
          DerpMessage.PeerPresent.class,
          present -> present.peer().equals(watcher.publicKey()));
    }
  }

  @Test
  void aClientThatKeepsConnectedComesBackUnasked() throws Exception {
    try (DerpClient neighbour = relay.meshBuilder().build();
        DerpClient client =
            relay
                .builder()
                .keepConnected(true)
                .reconnectPauses(Duration.ZERO, Duration.ZERO)
                .build()) {
      await().atMost(Expect.LIMIT).until(client::isConnected);
      neighbour.closePeer(client.publicKey());

      await().atMost(Expect.LIMIT).until(() -> client.connectionGeneration() == 2);
    }
  }

  @Test
  void aListenerHearsEverything() throws Exception {
    BlockingQueue<DerpMessage> heard = new LinkedBlockingQueue<>();
    CompletableFuture<Boolean> virtual = new CompletableFuture<>();
    try (DerpClient listening =
            relay
                .builder()
                .listener(
                    message -> {
                      virtual.complete(Thread.currentThread().isVirtual());
                      heard.add(message);
                    })
                .build();
        DerpClient other = relay.builder().build()) {
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isInstanceOf(DerpMessage.Connected.class);
      for (int i = 0; i < 20; i++) {
        other.send(listening.publicKey(), bytes("packet " + i));
      }

      for (int i = 0; i < 20; i++) {
        assertThat(heard.poll(20, TimeUnit.SECONDS))
            .isInstanceOfSatisfying(
                DerpMessage.Packet.class,
                packet -> assertThat(packet.source()).isEqualTo(other.publicKey()));
      }
      assertThat(virtual.get()).isTrue();
      assertThatIllegalStateException().isThrownBy(listening::receive);
    }
  }

  @Test
  void aPacketThatIsTooLargeIsTheCallersMistake() throws Exception {
    try (DerpClient client = relay.builder().build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> client.send(client.publicKey(), new byte[65_537]));
      assertThat(client.connectionGeneration()).isZero();
    }
  }

  @Test
  void whatTakesAMeshKeyIsRefusedWithoutOne() throws Exception {
    try (DerpClient client = relay.builder().build()) {
      NodePublicKey peer = client.publicKey();
      assertThatIllegalStateException().isThrownBy(client::watchConnections);
      assertThatIllegalStateException().isThrownBy(() -> client.closePeer(peer));
      assertThatIllegalStateException()
          .isThrownBy(() -> client.forwardPacket(peer, peer, new byte[1]));
    }
  }

  @Test
  void interruptingEndsACallAndNothingElse() throws Exception {
    try (DerpClient client = relay.builder().build()) {
      client.connect();
      Expect.message(client, DerpMessage.Connected.class);
      CompletableFuture<Throwable> outcome = new CompletableFuture<>();
      Thread waiting =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.receive();
                      outcome.complete(new AssertionError("something came"));
                    } catch (Exception ended) {
                      outcome.complete(ended);
                    }
                  });
      await()
          .until(
              () ->
                  waiting.getState() == Thread.State.WAITING
                      || waiting.getState() == Thread.State.TIMED_WAITING);
      waiting.interrupt();

      assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
      assertThat(client.ping(Expect.LIMIT)).isPositive();
    }
  }

  @Test
  void closingEndsCallsThatWait() throws Exception {
    DerpClient client = relay.builder().build();
    client.connect();
    Expect.message(client, DerpMessage.Connected.class);
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            client.receive();
          } catch (Exception ended) {
            outcome.complete(ended);
          }
        });
    client.close();
    client.close();

    assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(ClientClosedException.class);
    assertThatExceptionOfType(ClientClosedException.class).isThrownBy(client::connect);
    assertThatExceptionOfType(ClientClosedException.class)
        .isThrownBy(() -> client.send(client.publicKey(), new byte[1]));
  }

  @Test
  void manyClientsShareTwoThreads() throws Exception {
    List<DerpClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        DerpClient client = relay.builder().build();
        clients.add(client);
        client.connect();
      }

      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> thread.getName().startsWith("derp4j-client")))
          .hasSizeBetween(1, 2)
          .allMatch(Thread::isDaemon);
    } finally {
      clients.forEach(DerpClient::close);
    }
    await("the shared threads' end")
        .atMost(Expect.LIMIT)
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("derp4j-client")));
  }

  @Test
  void aWatchTakesEveryoneBackWhenItsConnectionBreaks() throws Exception {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    NodePrivateKey key = NodePrivateKey.generate();
    WatchListener listener =
        new WatchListener() {
          @Override
          public void present(DerpMessage.PeerPresent peer) {
            if (peer.peer().equals(key.publicKey())) {
              events.add("present");
            }
          }

          @Override
          public void gone(DerpMessage.PeerGone peer) {
            if (peer.peer().equals(key.publicKey())) {
              events.add("gone " + peer.reason());
            }
          }
        };
    MeshWatch watch =
        new MeshWatch(relay.builder(key).meshKey(relay.meshKey), Optional.empty(), listener);
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    Thread watching =
        Thread.startVirtualThread(
            () -> {
              try {
                watch.run();
              } catch (Exception ended) {
                outcome.complete(ended);
              }
            });
    assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("present");
    try (DerpClient neighbour = relay.meshBuilder().build()) {
      neighbour.closePeer(key.publicKey());

      assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("gone 240");
      assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("present"); // five seconds later
    }
    watching.interrupt();
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("gone 240");
  }

  @Test
  void aWatchEndsWhenItFindsItself() throws Exception {
    NodePublicKey serverKey;
    try (DerpClient client = relay.builder().build()) {
      client.connect();
      serverKey = client.serverKey().orElseThrow();
    }
    MeshWatch watch =
        new MeshWatch(
            relay.meshBuilder(),
            Optional.of(serverKey),
            new WatchListener() {
              @Override
              public void present(DerpMessage.PeerPresent peer) {}

              @Override
              public void gone(DerpMessage.PeerGone peer) {}
            });

    assertThat(watch.run()).isEqualTo(MeshWatch.End.SELF);
  }

  @Test
  void aServerThatIsNotWhomItShouldBeIsRefusedAtTls() throws Exception {
    if (!relay.usesTls()) {
      return; // nothing to refuse
    }
    try (DerpClient client =
        relay
            .builder()
            .endpoint(relay.endpoint().withCertificate(new CertificateCheck.Pin("00".repeat(32))))
            .build()) {
      assertThatExceptionOfType(DialException.class)
          .isThrownBy(client::connect)
          .satisfies(failure -> assertThat(failure.step()).isEqualTo(DialStep.TLS));
    }
  }

  @Test
  void theProxyIsUsed() throws Exception {
    int before = relay.proxied();
    try (DerpClient client = relay.builder().build()) {
      client.connect();
    }
    assertThat(relay.proxied() - before).isEqualTo(before == 0 && relay.proxied() == 0 ? 0 : 1);
  }
}
