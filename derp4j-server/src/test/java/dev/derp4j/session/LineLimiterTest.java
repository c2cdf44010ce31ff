package dev.derp4j.session;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LineLimiterTest {
  private static final long PERIOD = 1_000;
  private static final long LEFT_OUT = -1;

  private final LineLimiter<Object> limiter = new LineLimiter<>(3, PERIOD);

  @Test
  void letsItsNumberThroughAndTellsLaterHowManyItLeftOut() {
    long now = 500;
    for (int i = 0; i < 3; i++) {
      assertThat(limiter.admit("a", now + i)).isZero();
    }
    for (int i = 0; i < 10; i++) {
      assertThat(limiter.admit("a", now + 999)).isEqualTo(LEFT_OUT);
    }
    assertThat(limiter.admit("a", now + PERIOD)).isEqualTo(10);
    assertThat(limiter.admit("a", now + PERIOD)).isZero();
    assertThat(limiter.admit("a", now + PERIOD)).isZero();
    assertThat(limiter.admit("a", now + PERIOD)).isEqualTo(LEFT_OUT);
  }

  @Test
  void countsEachKeyForItself() {
    for (int i = 0; i < 5; i++) {
      limiter.admit("a", 0);
    }
    assertThat(limiter.admit("b", 0)).isZero();
    assertThat(limiter.admit("a", 0)).isEqualTo(LEFT_OUT);
  }

  @Test
  void worksOnAClockThatOverflows() {
    long now = Long.MAX_VALUE - 10;
    for (int i = 0; i < 3; i++) {
      limiter.admit("a", now);
    }
    assertThat(limiter.admit("a", now + 100)).isEqualTo(LEFT_OUT);
    assertThat(limiter.admit("a", now + PERIOD)).isEqualTo(1);
  }

  @Test
  void remembersABoundedNumberOfKeysTheLongestKnownGoingFirst() {
    for (int i = 0; i < 4; i++) {
      limiter.admit("first", 0);
      limiter.admit("second", 0);
    }
    for (int i = 0; i < 4_094; i++) {
      limiter.admit(i, 0);
    }
    assertThat(limiter.admit("first", 0)).isEqualTo(LEFT_OUT);
    limiter.admit("one more", 0);
    assertThat(limiter.admit("second", 0)).isEqualTo(LEFT_OUT);
    assertThat(limiter.admit("first", 0)).isZero();
  }
}
