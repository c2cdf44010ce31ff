package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.routing.TestKeys;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// How connections end, and what is said and counted of it.
class ConnectionLifeTest {
  @AutoClose private final CapturedLog log = new CapturedLog();
  @AutoClose private final TestRelay relay = new TestRelay();

  private final TestClient client = relay.client(1);

  @Test
  void anOrdinaryEndIsCountedAndNotLogged() {
    relay.does(client.channel::hangUp);
    assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(1);
    assertThat(relay.registry.find(client.key())).isNull();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aResetIsCountedAndNotLogged() {
    fails(new IOException("Connection reset by peer"));
    assertThat(client.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.RESET)).isEqualTo(1);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aFaultOfOursEndsItsConnectionWithOneLineAndNoOther() {
    try (TestRelay faulty = new TestRelay()) {
      TestClient victim = faulty.client(1);
      TestClient other = faulty.client(2);
      faulty.does(
          () -> victim.channel.pipeline().fireExceptionCaught(new IllegalStateException("ouch")));
      assertThat(victim.isClosed()).isTrue();
      assertThat(other.isClosed()).isFalse();
      assertThat(faulty.closed(CloseReason.INTERNAL_ERROR)).isEqualTo(1);
      assertThat(log.lines())
          .containsExactly("derp: 192.0.2.1:10000: internal error: IllegalStateException: ouch");
      faulty.forgiveInternalErrors();
    }
  }

  @Test
  void aConnectionForWhichThereIsNoMemoryEndsAloneAndItsSenderGoesOn() {
    try (TestRelay poor = new TestRelay()) {
      TestClient sender = poor.client(1);
      TestClient starved = poor.client(2);
      TestClient queueing = poor.client(3);
      TestClient healthy = poor.client(4);
      poor.stuff(queueing);
      for (TestClient client : List.of(starved, queueing)) {
        client.channel.config().setAllocator(new NoMemory());
      }
      sender.send(
          new Frame.SendPacket(starved.key(), new byte[10]),
          new Frame.SendPacket(queueing.key(), new byte[10]),
          new Frame.SendPacket(healthy.key(), new byte[10]));
      assertThat(healthy.receivedPackets()).hasSize(1);
      assertThat(sender.isClosed()).isFalse();
      assertThat(starved.isClosed()).isTrue();
      assertThat(queueing.isClosed()).isTrue();
      assertThat(poor.closed(CloseReason.INTERNAL_ERROR)).isEqualTo(2);
      poor.forgiveInternalErrors();
    }
  }

  /// What remains of an allocator when memory is used up.
  private static final class NoMemory extends AbstractByteBufAllocator {
    NoMemory() {
      super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("none left");
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("none left");
    }

    @Override
    public boolean isDirectBufferPooled() {
      return true;
    }
  }

  @Test
  void aRestartIsAnnouncedAndThenCarriedOut() {
    client.session.restart(1_500, 60_000, 300);
    relay.run();
    assertThat(client.received()).containsExactly(new Frame.Restarting(1_500, 60_000));
    relay.pass(Duration.ofMillis(299));
    assertThat(client.isClosed()).isFalse();
    relay.pass(Duration.ofMillis(1));
    assertThat(client.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.SHUTDOWN)).isEqualTo(1);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void packetsStillPassBetweenTheAnnouncementAndTheEnd() {
    client.session.restart(0, 0, 1_000);
    relay.run();
    client.received();
    client.send(new Frame.SendPacket(client.key(), new byte[3]));
    assertThat(client.receivedPackets()).hasSize(1);
    relay.pass(Duration.ofSeconds(1));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aClientThatLeavesBeforeItsTimeIsNotClosedTwice() {
    client.session.restart(0, 0, 1_000);
    relay.does(client.channel::hangUp);
    relay.pass(Duration.ofSeconds(2));
    assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(1);
    assertThat(relay.closed(CloseReason.SHUTDOWN)).isZero();
  }

  @Test
  void aStalledClientIsClosedAtARestartToo() {
    relay.stuff(client);
    client.session.restart(0, 0, 1_000);
    relay.run();
    relay.pass(Duration.ofSeconds(1));
    assertThat(client.isClosed()).isTrue();
    assertThat(relay.closed(CloseReason.SHUTDOWN)).isEqualTo(1);
  }

  @Test
  void whatReachesAConnectionAfterItsEndIsGivenBack() {
    relay.does(client.channel::hangUp);
    relay.does(
        () ->
            client.session.deliver(
                TestKeys.key(2),
                relay.buffer(TestClient.bytes(new Frame.RecvPacket(TestKeys.key(2), new byte[10]))),
                1,
                false));
    client.session.peerGone(TestKeys.key(3));
    client.session.duplicateChanged(true);
    client.session.disconnect();
    client.session.restart(1, 2, 3);
    relay.run();
    assertThat(client.received()).isEmpty();
    assertThat(relay.dropped()).isEqualTo(1);
    assertThat(relay.closed(CloseReason.CLOSED_BY_PEER)).isEqualTo(1);
  }

  @Test
  void connectionsThatPreferAnotherNodeAreCountedWhileTheyLast() {
    TestClient elsewhere =
        relay.client(new RelaySession.Identity(TestKeys.key(5), false, false, true, ""));
    assertThat(relay.population.notIdeal().sum()).isEqualTo(1);
    relay.does(elsewhere.channel::hangUp);
    assertThat(relay.population.notIdeal().sum()).isZero();
  }

  private void fails(Throwable cause) {
    relay.does(() -> client.channel.pipeline().fireExceptionCaught(cause));
  }
}
