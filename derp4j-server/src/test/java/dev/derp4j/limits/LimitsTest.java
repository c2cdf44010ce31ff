package dev.derp4j.limits;

import dev.derp4j.json.JsonFields.BadJsonException;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LimitsTest {
  private static final long SECOND = 1_000_000_000L;

  // The bucket of one client

  @Test
  void aBurstGoesThroughAndThenTheRateAlone() {
    TokenBucket bucket = new TokenBucket(1_000, 100_000, 0);
    assertThat(bucket.charge(100_000, 0)).isZero();
    assertThat(bucket.charge(500, 0)).isEqualTo(SECOND / 2);
    assertThat(bucket.charge(0, SECOND / 4)).isEqualTo(SECOND / 4);
    assertThat(bucket.charge(0, SECOND / 2)).isZero();
    assertThat(bucket.charge(1_000, 100 * SECOND)).as("what gathers meanwhile").isZero();
  }

  @Test
  void aBurstHoldsAFrameAtLeast() {
    assertThat(new TokenBucket(1, 1, 0).charge(65_568, 0)).isZero();
    assertThat(new TokenBucket(1, 1, 0).charge(65_569, 0)).isPositive();
  }

  @Test
  void noMoreThanABurstGathers() {
    TokenBucket bucket = new TokenBucket(1_000_000, 70_000, 0);
    bucket.charge(70_000, 0);
    assertThat(bucket.charge(70_001, 3600 * SECOND)).isPositive();
  }

  // The file

  @Test
  void aFileIsReadAsTheOriginalReadsIt() throws Exception {
    assertThat(RateConfig.parse("{}")).isEqualTo(RateConfig.NONE);
    RateConfig config =
        RateConfig.parse(
            "{\"perclientratelimitbytespersec\":100000,\"PerClientRateBurstBytes\":1,\"x\":[{}]}");
    assertThat(config.rate()).isEqualTo(100_000);
    assertThat(config.burst()).isEqualTo(65_568);
    assertThat(RateConfig.parse("{\"PerClientRateBurstBytes\":100000}").burst()).isZero();
    RateConfig more =
        RateConfig.parse(
            "{\"TotalRateLimitBytesPerSec\":7,\"QuotaBytes\":8,\"QuotaPeriodSeconds\":9,"
                + "\"OverQuotaRateBytesPerSec\":10}");
    assertThat(more).isEqualTo(new RateConfig(0, 0, 7, 8, Duration.ofSeconds(9), 10));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{} {}",
        "{\"PerClientRateLimitBytesPerSec\":-1}",
        "{\"PerClientRateLimitBytesPerSec\":1.5}",
        "{\"PerClientRateLimitBytesPerSec\":\"1\"}",
        "{\"TotalRateLimitBytesPerSec\":-1}",
        "{\"QuotaPeriodSeconds\":0}",
      })
  void aBadFileIsRefused(String json) {
    assertThatThrownBy(() -> RateConfig.parse(json)).isInstanceOf(BadJsonException.class);
  }

  // The accept limit

  @Test
  void connectionsAreAcceptedAtTheirRateBeyondTheBurst() {
    AcceptLimit.Gate gate = new AcceptLimit(10, 3).gate();
    long now = System.nanoTime() + SECOND;
    assertThat(List.of(gate.admits(now), gate.admits(now), gate.admits(now))).containsOnly(true);
    assertThat(gate.admits(now)).isFalse();
    assertThat(gate.admits(now + SECOND / 10)).isTrue();
    assertThat(gate.admits(now + SECOND / 10)).isFalse();
  }

  @Test
  void theLimitOfAMachineIsFiniteAndFitsItsMemory() {
    assertThat(AcceptLimit.forMachine(2, 256 << 20)).isEqualTo(new AcceptLimit(1_000, 2_048));
    assertThat(AcceptLimit.forMachine(2, 1 << 20)).isEqualTo(new AcceptLimit(1_000, 1_000));
    assertThat(AcceptLimit.forMachine(1, 64L << 30)).isEqualTo(new AcceptLimit(500, 5_000));
    assertThat(AcceptLimit.NONE.gate().admits()).isTrue();
  }

  // Quotas

  @Test
  void whatAKeyHasSentIsForgottenWithThePeriodAndNotBefore() {
    long[] now = {1_000_000};
    QuotaLedger ledger = new QuotaLedger(() -> now[0]);
    ledger.setPeriod(Duration.ofHours(1));
    NodePublicKey key = NodePrivateKey.generate().publicKey();
    ledger.account(key).add(100);
    assertThat(ledger.account(key).add(1)).as("another connection").isEqualTo(101);
    now[0] = 1_000_000 / 3600 * 3600 + 3599;
    ledger.rollOverIfDue();
    assertThat(ledger.account(key).add(0)).isEqualTo(101);
    now[0]++;
    ledger.rollOverIfDue();
    assertThat(ledger.account(key).add(0)).isZero();
  }

  // The fair share

  private final Deque<Runnable> alarms = new ArrayDeque<>();
  private long now;
  private final FairShare share = new FairShare(() -> now);

  private final class Client extends FairShare.Flow {
    private boolean paused;
    private long sent;

    @Override
    protected void resume() {
      paused = false;
    }

    @Override
    protected void later(long nanos, Runnable task) {
      alarms.add(task);
    }

    void send(int bytes) {
      sent += bytes;
      paused = !share.charge(this, bytes);
    }
  }

  @Test
  void asLongAsThereIsRoomNobodyWaits() {
    Client client = new Client();
    for (int i = 0; i < 1000; i++) {
      client.send(1_000_000);
    }
    assertThat(client.paused).as("no limit").isFalse();
    share.setRate(1_000_000);
    client.send(60_000);
    assertThat(client.paused).isFalse();
    assertThat(share.waits()).isZero();
  }

  @Test
  void theTotalHoldsAndIsSharedEvenlyWhateverTheSizeOfPackets() {
    share.setRate(1_000_000);
    List<Client> heavy = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      heavy.add(new Client());
    }
    Client light = new Client();
    long longestWait = 0;
    long waitsSince = -1;
    for (int milli = 0; milli < 20_000; milli++) {
      now = milli * 1_000_000L;
      if (!alarms.isEmpty()) {
        List<Runnable> due = List.copyOf(alarms);
        alarms.clear();
        due.forEach(Runnable::run);
      }
      for (int i = 0; i < heavy.size(); i++) {
        Client client = heavy.get(i);
        if (!client.paused) {
          client.send(i % 2 == 0 ? 64_000 : 1_500);
        }
      }
      if (milli % 20 == 0 && !light.paused) {
        light.send(200);
      }
      if (!light.paused) {
        waitsSince = -1;
      } else if (waitsSince < 0) {
        waitsSince = milli;
      } else {
        longestWait = Math.max(longestWait, milli - waitsSince);
      }
    }
    long total = heavy.stream().mapToLong(client -> client.sent).sum() + light.sent;
    assertThat(total).isBetween(19_000_000L, 21_000_000L);
    assertThat(light.sent).as("nearly all that it wanted").isGreaterThan(180_000);
    assertThat(longestWait)
        .as("milliseconds: one read too much, and a round of ten")
        .isLessThan(150);
    List<Client> large = new ArrayList<>();
    for (int i = 0; i < heavy.size(); i += 2) {
      large.add(heavy.get(i));
    }
    assertThat(large).allSatisfy(c -> assertThat(c.sent).isBetween(1_500_000L, 2_500_000L));
    assertThat(heavy).allSatisfy(c -> assertThat(c.sent).isGreaterThan(700_000L));
  }

  @Test
  void whoLeavesOwesNothingAndTakingTheLimitAwayLetsEverybodyGoOn() {
    share.setRate(1_000);
    Client first = new Client();
    Client second = new Client();
    first.send(200_000);
    second.send(200_000);
    first.send(200_000);
    assertThat(first.paused).isTrue();
    assertThat(second.paused).isTrue();
    share.leave(first);
    share.setRate(0);
    assertThat(second.paused).isFalse();
    assertThat(first.paused).as("gone").isTrue();
  }
}
