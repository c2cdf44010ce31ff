package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.TestKeys;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// A connection is closed when nothing of what it should get moves for the write timeout, and only
/// then.
class StalledConnectionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /// The clock looks at stalled connections once a tick, so that a stall is noticed up to one tick
  /// after its timeout.
  private static final Duration TICK = Duration.ofMillis(TimerWheel.TICK_MILLIS);

  @AutoClose private final CapturedLog log = new CapturedLog();
  @AutoClose private final TestRelay relay = new TestRelay();

  private final TestClient sender = relay.client(1);

  @Test
  void aClientThatTakesNothingIsClosedAfterTheTimeout() {
    TestClient client = relay.client(2);
    relay.pass(Duration.ofMillis(130));
    relay.stuff(client);
    sender.send(new Frame.SendPacket(client.key(), new byte[10]));
    relay.pass(TIMEOUT.minusMillis(1));
    assertThat(client.isClosed()).isFalse();
    relay.pass(TICK.plusMillis(1));
    assertThat(client.isClosed()).isTrue();

    assertThat(relay.counted(Metric.DERP_SCLIENT_WRITE_TIMEOUTS)).isEqualTo(1);
    assertThat(relay.closed(CloseReason.WRITE_TIMEOUT)).isEqualTo(1);
    assertThat(relay.dropped(DropReason.WRITE_ERROR, PacketKind.OTHER)).isEqualTo(1);
    assertThat(relay.dropped(DropReason.GONE_DISCONNECTED, PacketKind.OTHER)).isEqualTo(1);
    assertThat(log.lines())
        .containsExactly(
            "derp client 192.0.2.1:10001"
                + client.key().shortText()
                + ": sender failed: write timeout");
  }

  @Test
  void aFewUnsentBytesAreEnough() {
    TestClient client = relay.client(2);
    relay.does(client.channel::fill);
    client.send(new Frame.Ping(1));
    relay.pass(TIMEOUT.plus(TICK));
    assertThat(client.isClosed()).isTrue();
    // It was no packet.
    assertThat(relay.dropped()).isZero();
  }

  @Test
  void aClientThatTakesAByteNowAndThenIsNotClosed() {
    TestClient client = relay.client(2);
    relay.stuff(client);
    for (int i = 0; i < 100; i++) {
      relay.pass(TIMEOUT.minus(TICK));
      relay.does(() -> client.channel.makeRoom(1));
    }
    assertThat(client.isClosed()).isFalse();
    relay.pass(TIMEOUT.plus(TICK));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aClientThatTookEverythingInTimeIsLeftAlone() {
    TestClient client = relay.client(2);
    relay.stuff(client);
    relay.pass(TIMEOUT.minus(TICK));
    relay.does(() -> client.channel.makeRoom(Long.MAX_VALUE));
    relay.pass(Duration.ofMinutes(10));
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void aSecondStallHasTheWholeTimeoutAgain() {
    TestClient client = relay.client(2);
    for (int i = 0; i < 5; i++) {
      relay.stuff(client);
      relay.pass(TIMEOUT.minus(TICK));
      relay.does(() -> client.channel.makeRoom(Long.MAX_VALUE));
      if (i % 2 == 0) {
        relay.pass(TICK);
      }
    }
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void aStreamOfEqualPacketsThatMovesIsNoStall() {
    TestClient client = relay.client(2);
    relay.stuff(client);
    for (int i = 0; i < 200; i++) {
      // Whole packets leave, so that the buffer in front is as long as the one before it was.
      relay.does(() -> client.channel.makeRoom(1_037));
      sender.send(new Frame.SendPacket(client.key(), Payloads.data(i, 1_000)));
      relay.pass(TICK);
    }
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void aMeshPeerHasItsOwnTimeout() {
    TestClient mesh = relay.meshPeer(2);
    relay.does(mesh.channel::fill);
    mesh.send(new Frame.Ping(1));
    relay.pass(Duration.ofSeconds(29));
    assertThat(mesh.isClosed()).isFalse();
    relay.pass(Duration.ofSeconds(1).plus(TICK));
    assertThat(mesh.isClosed()).isTrue();
  }

  @Test
  void withoutATimeoutNobodyIsClosed() {
    try (TestRelay patient =
        new TestRelay(TestRelay.Options.DEFAULT.withWriteTimeout(Duration.ZERO, Duration.ZERO))) {
      TestClient client = patient.client(2);
      patient.stuff(client);
      patient.pass(Duration.ofMinutes(10));
      assertThat(client.isClosed()).isFalse();
    }
  }

  @Test
  void otherConnectionsOfTheSameLoopAreNotTouched() {
    TestClient stalled = relay.client(2);
    TestClient healthy = relay.client(3);
    relay.stuff(stalled);
    relay.pass(TIMEOUT.plus(TICK));
    assertThat(stalled.isClosed()).isTrue();
    assertThat(healthy.isClosed()).isFalse();
    sender.send(new Frame.SendPacket(healthy.key(), new byte[1]));
    sender.send(new Frame.SendPacket(TestKeys.key(2), new byte[1]));
    assertThat(healthy.receivedPackets()).hasSize(1);
    assertThat(relay.dropped(DropReason.UNKNOWN_DEST, PacketKind.OTHER)).isEqualTo(1);
  }
}
