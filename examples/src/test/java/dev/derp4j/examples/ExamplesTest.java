package dev.derp4j.examples;

import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpMessage;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.server.DerpRelay;
import dev.derp4j.server.RelayConfig;
import dev.derp4j.server.RelayStartException;
import dev.derp4j.testkit.FaultProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class ExamplesTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path sent;
  @TempDir Path received;

  private DerpRelay relay;

  @BeforeEach
  void startRelay() throws RelayStartException {
    relay =
        DerpRelay.start(
            RelayConfig.builder(NodePrivateKey.generate())
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .stun(false)
                .build());
  }

  @AfterEach
  void stopRelay() {
    relay.close();
  }

  @Test
  void theEchoPeerEchoes() throws Exception {
    try (DerpClient peer = client(relay.derpAddress());
        DerpClient client = client(relay.derpAddress())) {
      peer.connect();
      Thread echo = Thread.startVirtualThread(() -> echo(peer));
      client.send(peer.publicKey(), new byte[] {1, 2, 3});
      assertThat(packet(client)).containsExactly(1, 2, 3);
      peer.close();
      assertThat(echo.join(LIMIT)).isTrue();
    }
  }

  private static void echo(DerpClient peer) {
    try {
      EchoPeer.echo(peer);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFileArrivesWholeThoughTheNetworkIsSlowAndTheRelayDrops() throws Exception {
    byte[] content = new byte[700_001];
    new Random(7).nextBytes(content);
    Path file = Files.write(sent.resolve("holiday.jpg"), content);
    try (FaultProxy slow = FaultProxy.to(relay.derpAddress());
        DerpClient receiver = client(slow.address());
        DerpClient sender = client(relay.derpAddress())) {
      slow.throttle(2_000_000, FaultProxy.Direction.TO_CLIENT);
      receiver.connect();
      CompletableFuture<Path> arrived = receive(receiver);
      FileSender.send(sender, receiver.publicKey(), file);
      Path there = arrived.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(there).isEqualTo(received.resolve("holiday.jpg")).hasBinaryContent(content);
      assertThat(received.resolve("holiday.jpg.part")).doesNotExist();
    }
  }

  @Test
  void anEmptyFileArrivesAndIsNotOverwritten() throws Exception {
    Path file = Files.createFile(sent.resolve("nothing"));
    try (DerpClient receiver = client(relay.derpAddress());
        DerpClient sender = client(relay.derpAddress());
        DerpClient another = client(relay.derpAddress())) {
      receiver.connect();
      CompletableFuture<Path> arrived = receive(receiver);
      FileSender.send(sender, receiver.publicKey(), file);
      assertThat(arrived.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEmptyFile();
      receive(receiver);
      assertThatThrownBy(() -> FileSender.send(another, receiver.publicKey(), file))
          .isInstanceOf(IOException.class)
          .hasMessage("the receiver does not take the file");
    }
  }

  @Test
  void aNameWithAPathIsRefused() throws Exception {
    try (DerpClient receiver = client(relay.derpAddress());
        DerpClient sender = client(relay.derpAddress())) {
      receiver.connect();
      receive(receiver);
      FileMessage offer = new FileMessage.Offer(5, 1, new byte[32], "../passwd");
      sender.send(receiver.publicKey(), offer.encode());
      assertThat(FileMessage.decode(packet(sender))).contains(new FileMessage.End(5, false));
      assertThat(received.resolve("../passwd.part")).doesNotExist();
    }
  }

  @Test
  void whatIsNoMessageIsPassedOver() {
    assertThat(FileMessage.decode(new byte[0])).isEmpty();
    for (int type = 0; type < 6; type++) {
      for (int length = 1; length < 60; length++) {
        byte[] packet = new byte[length];
        packet[0] = (byte) type;
        FileMessage.decode(packet)
            .ifPresent(message -> assertThat(message.encode()).isEqualTo(packet));
      }
    }
  }

  private CompletableFuture<Path> receive(DerpClient client) {
    CompletableFuture<Path> file = new CompletableFuture<>();
    FileReceiver receiver = new FileReceiver(client, received);
    Thread.startVirtualThread(
        () -> {
          try {
            file.complete(receiver.receive());
          } catch (IOException | InterruptedException ended) {
            file.completeExceptionally(ended);
          }
        });
    return file;
  }

  private static DerpClient client(InetSocketAddress address) {
    return DerpClient.builder(NodePrivateKey.generate())
        .url("http://127.0.0.1:" + address.getPort())
        .build();
  }

  private static byte[] packet(DerpClient client) throws IOException, InterruptedException {
    while (true) {
      Optional<DerpMessage> message = client.receive(LIMIT);
      assertThat(message).isPresent();
      if (message.get() instanceof DerpMessage.Packet(_, var payload)) {
        return payload;
      }
    }
  }
}
