package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.DerpTestClient;
import dev.derp4j.testkit.RawConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Start, stop, and what is left behind.
class DerpRelayLifeTest {
  private static final Duration DRAIN = Duration.ofSeconds(20);
  private static final int CYCLES = 50;
  private static final int WARM_UP = 3;

  static Stream<Wiring> wirings() {
    return Stream.of(
        Wiring.plain(),
        Wiring.plain().withNio(),
        Wiring.overTls(),
        Wiring.overTls().withNio(),
        Wiring.overTls().withJdkTls(),
        Wiring.overTls().withJdkTls().withNio());
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void aRelaySaysWhatItRunsOnAndWhereItIs(Wiring wiring) throws Exception {
    try (CapturedLog log = new CapturedLog();
        TestRelay relay = TestRelay.start(wiring);
        DerpTestClient client = relay.connect()) {
      assertThat(relay.relay().transportDescription()).startsWith(wiring.description());
      assertThat(relay.address().getPort()).isPositive();
      assertThat(client.serverKey()).isEqualTo(relay.relay().publicKey());
      assertThat(log.lines())
          .contains(
              "derper: serving on 127.0.0.1:"
                  + relay.address().getPort()
                  + (wiring.tls() ? " with TLS" : ""));
    }
  }

  @Test
  void aStoppedRelayIsNotThereAnyMore() throws Exception {
    TestRelay relay = TestRelay.start(Wiring.plain());
    relay.close();
    assertThatThrownBy(relay::openTcp).isInstanceOf(ConnectException.class);
  }

  @Test
  void stoppingAgainDoesNothing() {
    TestRelay relay = TestRelay.start(Wiring.overTls(), config -> config.stun(true).stunPort(0));
    relay.stop(DRAIN);
    relay.stop(DRAIN);
    relay.close();
    assertThat(OpenSockets.relayThreads()).isEmpty();
  }

  @Test
  void stoppingAtOnceCutsEveryConnection() throws Exception {
    TestRelay relay = TestRelay.start(Wiring.overTls());
    try (DerpTestClient client = relay.connect();
        RawConnection visitor = relay.open();
        RawConnection stranger = relay.openTcp()) {
      relay.close();
      assertThat(client.expectClosed(Eventually.LIMIT)).isEmpty();
      assertThat(visitor.readUntilClosed(Eventually.LIMIT)).isEmpty();
      assertThat(stranger.readUntilClosed(Eventually.LIMIT)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("wirings")
  void everyClientIsToldOfTheRestartBeforeItsConnectionCloses(Wiring wiring) throws Exception {
    TestRelay relay = TestRelay.start(wiring);
    List<DerpTestClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        clients.add(relay.connect());
      }
      relay.stop(DRAIN);

      for (DerpTestClient client : clients) {
        List<Frame> last = client.expectClosed(Eventually.LIMIT);
        assertThat(last).hasOnlyElementsOfType(Frame.Restarting.class).hasSize(1);
        Frame.Restarting restarting = (Frame.Restarting) last.getFirst();
        assertThat(restarting.reconnectInMs()).isBetween(0L, DRAIN.toMillis() + 2000);
        assertThat(restarting.tryForMs()).isPositive();
      }
      assertThat(relay.closed(CloseReason.SHUTDOWN)).isEqualTo(20);
      assertThat(relay.closed()).isEqualTo(20);
      assertThat(relay.value(Metric.DERP_CURRENT_CONNECTIONS)).isZero();
    } finally {
      closeAll(clients);
      relay.close();
    }
  }

  @Test
  void nobodyCanConnectWhileTheRelayDrains() throws Exception {
    TestRelay relay = TestRelay.start(Wiring.plain());
    try (DerpTestClient client = relay.connect()) {
      Thread stopping = Thread.ofPlatform().start(() -> relay.stop(DRAIN));
      client.expect(Frame.Restarting.class);
      assertThatThrownBy(relay::openTcp).isInstanceOf(ConnectException.class);
      stopping.join();
    }
  }

  @Test
  void packetsSentBeforeTheDrainStillArrive() throws Exception {
    TestRelay relay = TestRelay.start(Wiring.overTls());
    try (DerpTestClient alice = relay.connect();
        DerpTestClient bob = relay.connect()) {
      for (int i = 0; i < 10; i++) {
        alice.send(bob.publicKey(), Packets.numbered(i, 1000));
      }
      eventually(() -> assertThat(relay.value(Metric.DERP_PACKETS_SENT)).isEqualTo(10));
      relay.stop(DRAIN);

      // Before or behind the Restarting frame may come word that alice, cut off first, is gone.
      List<Frame> last = bob.expectClosed(Eventually.LIMIT);
      assertThat(last).hasSizeGreaterThanOrEqualTo(11);
      for (int i = 0; i < 10; i++) {
        assertThat(Packets.numberOf(((Frame.RecvPacket) last.get(i)).payload())).isEqualTo(i);
      }
      assertThat(last.subList(10, last.size())).hasAtLeastOneElementOfType(Frame.Restarting.class);
    }
  }

  /// A client that does not read cannot be told anything, and it cannot make us wait either.
  @Test
  void aClientThatNeverReadsDoesNotHoldTheDrainUpPastItsLimit() throws Exception {
    Duration limit = Duration.ofSeconds(1);
    TestRelay relay =
        TestRelay.start(Wiring.overTls(), config -> config.tcpWriteTimeout(Duration.ZERO));
    try (DerpTestClient frozen = relay.connect(relay.options().receiveBuffer(4096));
        DerpTestClient sender = relay.connect()) {
      SlowReaders.fill(relay, sender, frozen);

      long start = System.nanoTime();
      relay.stop(limit);
      Duration took = Duration.ofNanos(System.nanoTime() - start);

      // Not twice as long as promised, were it not for a machine that does other things as well.
      assertThat(took).isLessThan(limit.plusSeconds(8));
      assertThat(OpenSockets.relayThreads()).isEmpty();
      assertThat(relay.value(Metric.DERP_CURRENT_CONNECTIONS)).isZero();
    }
  }

  static Stream<Wiring> nativeAndJava() {
    return Stream.of(Wiring.overTls(), Wiring.overTls().withJdkTls().withNio());
  }

  @ParameterizedTest
  @MethodSource("nativeAndJava")
  void startingAndStoppingLeavesNothingBehind(Wiring wiring) throws Exception {
    for (int i = 0; i < WARM_UP; i++) {
      startUseAndStop(wiring);
    }
    int before = OpenSockets.count();
    for (int i = 0; i < CYCLES; i++) {
      startUseAndStop(wiring);
    }
    eventually(() -> assertThat(OpenSockets.count()).isLessThanOrEqualTo(before));
    eventually(() -> assertThat(OpenSockets.relayThreads()).isEmpty());
  }

  private static void startUseAndStop(Wiring wiring) throws IOException {
    try (TestRelay relay =
            TestRelay.start(
                wiring,
                config -> {
                  config.stun(true).stunPort(0);
                  if (wiring.tls()) {
                    config.httpPort(0);
                  }
                });
        DerpTestClient client = relay.connect()) {
      Packets.pass(client, client, new byte[1000]);
      relay.stop(DRAIN);
    }
  }

  private static void closeAll(List<DerpTestClient> clients) throws IOException {
    for (DerpTestClient client : clients) {
      client.close();
    }
  }
}
