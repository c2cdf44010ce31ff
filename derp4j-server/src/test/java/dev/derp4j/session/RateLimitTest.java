package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.limits.ClientLimits;
import dev.derp4j.limits.RateConfig;
import dev.derp4j.limits.RateLimits;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// How fast a client may send.
class RateLimitTest {
  private static final int PACKET = 60_000;
  private static final int CHARGED = PACKET + 32;

  private final long[] seconds = {1_000_000};
  private final TestRelay[] self = new TestRelay[1];
  private final RateLimits limits =
      new RateLimits(true, () -> self[0].now().toNanos(), () -> seconds[0]);

  @AutoClose
  private final TestRelay relay = new TestRelay(TestRelay.Options.DEFAULT.withLimits(limits));

  RateLimitTest() {
    self[0] = relay;
  }

  private static RateConfig perClient(long rate) {
    return new RateConfig(rate, 0, 0, 0, Duration.ofDays(1), 16_384);
  }

  @Test
  void whoeverSendsMoreThanItsRateIsNotReadFromUntilThatIsPaid() {
    limits.apply(perClient(100_000));
    TestClient client = relay.client(1);
    send(client);
    assertThat(reads(client)).as("a burst of a frame").isTrue();
    send(client);
    assertThat(reads(client)).isFalse();
    assertThat(limits.waits()).isEqualTo(1);
    long debt = 2 * CHARGED - 65_568;
    relay.pass(Duration.ofMillis(debt / 100 - 50));
    assertThat(reads(client)).isFalse();
    relay.pass(Duration.ofMillis(100));
    assertThat(reads(client)).isTrue();
    assertThat(relay.dropped()).isZero();
  }

  @Test
  void framesAreChargedWithoutTheirHeader() {
    limits.apply(perClient(1));
    TestClient client = relay.client(1);
    for (int i = 0; i < 65_568 / 8; i++) {
      client.send(new Frame.Ping(i));
    }
    assertThat(reads(client)).isTrue();
    client.send(new Frame.NotePreferred(true));
    assertThat(reads(client)).isFalse();
  }

  @Test
  void meshPeersAreExempt() {
    limits.apply(perClient(1));
    TestClient peer = relay.meshPeer(1);
    send(peer);
    send(peer);
    send(peer);
    assertThat(reads(peer)).isTrue();
  }

  @Test
  void aChangeOfLimitsReachesThoseWhoAreConnectedAndThoseWhoWait() {
    TestClient client = relay.client(1);
    send(client);
    send(client);
    assertThat(reads(client)).isTrue();
    limits.apply(perClient(1));
    relay.run();
    send(client);
    send(client);
    assertThat(reads(client)).isFalse();
    limits.apply(RateConfig.NONE);
    relay.run();
    assertThat(reads(client)).isTrue();
  }

  @Test
  void whatWasSaidOfOneClientHoldsForItInPlaceOfWhatHoldsForAll() {
    limits.apply(perClient(1));
    TestClient free = relay.client(1);
    relay.does(
        () ->
            free.session.limitTo(
                new ClientLimits(OptionalLong.of(0), OptionalLong.empty(), OptionalLong.empty())));
    send(free);
    send(free);
    assertThat(reads(free)).isTrue();
  }

  @Test
  void aKeyThatHasUsedUpItsQuotaIsSlowUntilThePeriodEndsAlsoIfItConnectsAgain() {
    limits.apply(new RateConfig(0, 0, 0, 100_000, Duration.ofHours(1), 1_000));
    TestClient client = relay.client(1);
    send(client);
    send(client);
    assertThat(reads(client)).as("a burst of a frame is left").isTrue();
    send(client);
    assertThat(reads(client)).isFalse();
    relay.does(client.channel::hangUp);

    TestClient again = relay.client(1);
    send(again);
    send(again);
    assertThat(reads(again)).isFalse();
    seconds[0] += 3600;
    relay.pass(Duration.ofSeconds(120));
    assertThat(reads(again)).isTrue();
    send(again);
    send(again);
    assertThat(reads(again)).as("a new quota, and a burst again").isTrue();
    send(again);
    assertThat(reads(again)).isFalse();
  }

  @Test
  void allTogetherStayWithinTheTotal() {
    limits.apply(new RateConfig(0, 0, 100_000, 0, Duration.ofDays(1), 1));
    TestClient first = relay.client(1);
    TestClient second = relay.client(2);
    send(first);
    send(first);
    assertThat(reads(first)).as("the first debt is nobody's").isTrue();
    send(second);
    assertThat(reads(second)).isFalse();
    relay.pass(Duration.ofSeconds(2));
    assertThat(reads(second)).isTrue();
    send(first);
    send(first);
    send(second);
    assertThat(reads(second)).isFalse();
    relay.does(second.channel::hangUp);
    relay.pass(Duration.ofSeconds(5));
    assertThat(reads(first)).isTrue();
  }

  private static boolean reads(TestClient client) {
    return client.channel.config().isAutoRead();
  }

  private void send(TestClient from) {
    from.send(new Frame.SendPacket(from.key(), new byte[PACKET]));
    from.channel.taken();
  }
}
