package dev.derp4j.client;

import dev.derp4j.client.dial.DialException;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/// What a client makes of servers that do what ours does not, or not when a test wants it.
@Timeout(60)
class DerpClientAndServerTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final NodePublicKey PEER = NodePrivateKey.generate().publicKey();

  private static <M extends DerpMessage> M expect(DerpClient client, Class<M> type)
      throws Exception {
    while (true) {
      DerpMessage message =
          client.receive(LIMIT).orElseThrow(() -> new AssertionError("no " + type));
      if (type.isInstance(message)) {
        return type.cast(message);
      }
    }
  }

  @Test
  void pingsOfTheServerAreAnswered() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  peer.write(new Frame.Ping(77));
                  peer.listen();
                });
        DerpClient client = relay.client().build()) {
      client.connect();

      Frame.Unknown pong = new Frame.Unknown(0x13, 8, new byte[] {0, 0, 0, 0, 0, 0, 0, 77});
      await().atMost(LIMIT).until(() -> relay.frames.contains(pong)); // unknown to a server
    }
  }

  @Test
  void aClientThatDoesNotAnswerPingsDoesNot() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  peer.write(new Frame.Ping(77));
                  peer.listen();
                });
        DerpClient client = relay.client().canAckPings(false).build()) {
      client.send(PEER, new byte[1]);

      await().atMost(LIMIT).until(() -> !relay.frames.isEmpty());
      assertThat(relay.frames).allMatch(Frame.SendPacket.class::isInstance);
    }
  }

  @Test
  void aPingWithoutAnAnswerEndsAtItsDeadline() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  peer.listen();
                });
        DerpClient client = relay.client().build()) {
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> client.ping(Duration.ofMillis(300)));
      assertThat(client.isConnected()).isTrue();
    }
  }

  @Test
  void aPingOnAConnectionThatEndsFails() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  peer.read();
                });
        DerpClient client = relay.client().build()) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> client.ping(LIMIT))
          .withMessage("connection lost: the server closed the connection");
    }
  }

  @Test
  void aSilentConnectionIsDead() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  peer.listen();
                });
        DerpClient client = relay.client().deadAfter(Duration.ofMillis(300)).build()) {
      client.connect();

      assertThat(expect(client, DerpMessage.Disconnected.class).reason())
          .startsWith("no frame for");
    }
  }

  @Test
  void aKeepAliveIsASignOfLife() throws Exception {
    CompletableFuture<Void> end = new CompletableFuture<>();
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  for (int i = 0; i < 15; i++) {
                    peer.write(new Frame.KeepAlive());
                    end.completeOnTimeout(null, 1, TimeUnit.MINUTES);
                    peer.socket.setSoTimeout(100);
                    try {
                      peer.read();
                    } catch (IOException quiet) {
                      // 100 ms are over
                    }
                  }
                  peer.write(new Frame.Health("still here"));
                  peer.socket.setSoTimeout(0);
                  peer.listen();
                });
        DerpClient client = relay.client().deadAfter(Duration.ofSeconds(1)).build()) {
      client.connect();
      expect(client, DerpMessage.Connected.class);

      assertThat(client.receive()).isEqualTo(new DerpMessage.Health("still here"));
      assertThat(client.health()).isEqualTo("still here");
    }
  }

  @Test
  void whatIsUnknownOrTooShortIsSkipped() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  peer.write(new byte[] {0x77, 0, 0, 0, 2, 1, 2}); // nobody knows 0x77
                  peer.write(new byte[] {0x05, 0, 0, 0, 1, 1}); // no room for a key
                  peer.write(new byte[] {0x13, 0, 0, 0, 0});
                  peer.write(new Frame.RecvPacket(PEER, new byte[] {9}));
                  peer.listen();
                });
        DerpClient client = relay.client().build()) {
      client.connect();

      assertThat(expect(client, DerpMessage.Packet.class).payload()).containsExactly(9);
    }
  }

  @Test
  void aFrameOverOneMebibyteEndsTheConnection() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  peer.write(new byte[] {0x05, 0, 0x10, 0, 1});
                  peer.listen();
                });
        DerpClient client = relay.client().build()) {
      client.connect();

      assertThat(expect(client, DerpMessage.Disconnected.class).reason())
          .startsWith("the server broke the protocol: ");
    }
  }

  @Test
  void whoDoesNotReceiveMakesTheServerWait() throws Exception {
    AtomicLong written = new AtomicLong();
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  for (int i = 0; i < 600; i++) {
                    byte[] payload = ByteBuffer.allocate(65_536).putInt(i).array();
                    peer.write(new Frame.RecvPacket(PEER, payload));
                    written.incrementAndGet();
                  }
                  peer.listen();
                });
        DerpClient client = relay.client().receiveBuffer(4, 1 << 20).build()) {
      client.connect();
      await().atMost(LIMIT).until(() -> client.counters().packetsReceived() >= 3);
      await()
          .during(Duration.ofMillis(500))
          .atMost(LIMIT)
          .until(() -> client.counters().packetsReceived() < 10);
      assertThat(written.get()).isLessThan(600); // 38 MiB are more than any kernel keeps

      for (int i = 0; i < 600; i++) {
        byte[] payload = expect(client, DerpMessage.Packet.class).payload();
        assertThat(ByteBuffer.wrap(payload).getInt()).isEqualTo(i);
      }
    }
  }

  @Test
  void whatTheServerDoesNotTakeIsDroppedAndCounted() throws Exception {
    ServerInfo stingy = new ServerInfo(2, OptionalLong.of(1), OptionalLong.of(100));
    try (ScriptedRelay relay =
            new ScriptedRelay(
                stingy,
                peer -> {
                  peer.admit();
                  peer.listen();
                });
        DerpClient client = relay.client().build()) {
      for (int i = 0; i < 10; i++) {
        client.send(PEER, new byte[20]); // 57 bytes with header and key
      }

      await().atMost(LIMIT).until(() -> relay.frames.size() == 1);
      assertThat(client.counters().packetsSent()).isEqualTo(1);
      assertThat(client.counters().packetsOverRate()).isEqualTo(9);
    }
  }

  @Test
  void aServerThatRestartsIsGivenTheTimeItAsksFor() throws Exception {
    AtomicLong asked = new AtomicLong();
    AtomicLong back = new AtomicLong();
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  switch (peer.number) {
                    case 1 -> {
                      peer.admit();
                      peer.read(); // the client has settled in
                      asked.set(System.nanoTime());
                      peer.write(new Frame.Restarting(400, 20_000));
                    }
                    case 2, 3 -> {} // not there yet
                    default -> {
                      back.set(System.nanoTime());
                      peer.admit();
                      peer.listen();
                    }
                  }
                });
        DerpClient client = relay.client().build()) {
      client.connect();
      client.notePreferred(true);
      assertThat(expect(client, DerpMessage.Restarting.class))
          .isEqualTo(new DerpMessage.Restarting(Duration.ofMillis(400), Duration.ofSeconds(20)));
      expect(client, DerpMessage.Disconnected.class);

      client.connect(LIMIT); // two failures on the way stay quiet

      assertThat(relay.connections()).isEqualTo(4);
      assertThat(Duration.ofNanos(back.get() - asked.get()))
          .isGreaterThanOrEqualTo(Duration.ofMillis(400));
    }
  }

  @Test
  void aNewConnectionIsToldThatItIsPreferred() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  peer.admit();
                  if (peer.number == 1) {
                    peer.read();
                  } else {
                    peer.listen();
                  }
                });
        DerpClient client = relay.client().keepConnected(true).build()) {
      client.connect();
      client.notePreferred(true);
      await().atMost(LIMIT).until(() -> client.connectionGeneration() == 2);

      await().atMost(LIMIT).until(() -> relay.frames.contains(new Frame.NotePreferred(true)));
    }
  }

  @Test
  void aFailureToConnectIsTheCallersAndTheNextCallTriesAgain() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  if (peer.number > 1) {
                    peer.admit();
                    peer.listen();
                  }
                });
        DerpClient client = relay.client().build()) {
      assertThatExceptionOfType(DialException.class).isThrownBy(client::receive);
      assertThat(client.receive(LIMIT)).get().isInstanceOf(DerpMessage.Connected.class);
    }
  }

  @Test
  void aClientThatKeepsConnectedTellsOfItsFailures() throws Exception {
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  if (peer.number > 1) {
                    peer.admit();
                    peer.listen();
                  }
                });
        DerpClient client = relay.client().keepConnected(true).build()) {
      assertThat(expect(client, DerpMessage.ConnectFailed.class).cause())
          .isInstanceOf(DialException.class);
      expect(client, DerpMessage.Connected.class);
    }
  }

  @Test
  void anAttemptThatNobodyWaitsForIsGivenUp() throws Exception {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    try (ScriptedRelay relay =
            new ScriptedRelay(
                peer -> {
                  while (peer.socket.getInputStream().read() >= 0) {
                    // says nothing
                  }
                  gone.complete(null);
                });
        DerpClient client = relay.client().build()) {
      CompletableFuture<DerpMessage.Connected> connecting = client.connectAsync();
      await().atMost(LIMIT).until(() -> relay.connections() == 1);
      connecting.cancel(false);

      gone.get(20, TimeUnit.SECONDS);
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> client.connect(Duration.ofMillis(200)));
    }
  }
}
