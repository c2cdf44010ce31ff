package dev.derp4j.client;

import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTest {
  private static final long SECOND = 1_000_000_000L;

  private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8));

  private void expectPause(long now, long seconds) {
    assertThat(backoff.delay(now))
        .isBetween((long) (seconds * 0.9 * SECOND), (long) (seconds * 1.1 * SECOND));
  }

  @Test
  void theFirstDialIsAtOnceAndPausesDoubleUpToTheLongest() {
    assertThat(backoff.delay(0)).isZero();
    for (long seconds : new long[] {1, 2, 4, 8, 8}) {
      backoff.failed(0);
      expectPause(0, seconds);
    }
    assertThat(backoff.delay(9 * SECOND)).isLessThanOrEqualTo(0);
  }

  @Test
  void aGoodConnectionStartsAfreshAndAShortOneDoesNot() {
    backoff.failed(0);
    backoff.failed(0);
    backoff.connected();
    backoff.ended(0, SECOND);
    expectPause(0, 4);

    backoff.connected();
    backoff.ended(0, 60 * SECOND);
    assertThat(backoff.delay(0)).isZero();
    backoff.failed(0);
    expectPause(0, 1);
  }

  @Test
  void aServerThatRestartsSaysWhenAndHowLongQuietly() {
    backoff.restarting(0, Duration.ofSeconds(3), Duration.ofSeconds(5));
    backoff.ended(SECOND, 0);

    assertThat(backoff.delay(SECOND)).isEqualTo(2 * SECOND);
    assertThat(backoff.isQuiet(7 * SECOND)).isTrue();
    assertThat(backoff.isQuiet(9 * SECOND)).isFalse();
    backoff.connected();
    assertThat(backoff.isQuiet(SECOND)).isFalse();
  }

  @Test
  void noServerPutsAClientOffForLongerThanAMinute() {
    backoff.restarting(0, Duration.ofDays(40), Duration.ofDays(40));

    assertThat(backoff.delay(0)).isEqualTo(60 * SECOND);
    assertThat(backoff.isQuiet(121 * SECOND)).isFalse();
  }
}
