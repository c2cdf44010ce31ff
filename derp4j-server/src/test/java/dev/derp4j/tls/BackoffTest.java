package dev.derp4j.tls;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

final class BackoffTest {
  private final Instant now = Instant.ofEpochSecond(1_000_000);
  private final Backoff backoff = new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(30));

  @Test
  void pauses_double_up_to_the_limit_and_are_a_little_longer_by_chance() {
    for (int minutes : new int[] {1, 2, 4, 8, 16, 30, 30, 30}) {
      assertThat(Duration.between(now, backoff.failed(now, null)))
          .isBetween(
              Duration.ofMinutes(minutes),
              Duration.ofMinutes(minutes).multipliedBy(6).dividedBy(5));
    }
    assertThat(backoff.holds(now.plus(Duration.ofMinutes(29)))).isTrue();
    assertThat(backoff.holds(now.plus(Duration.ofMinutes(37)))).isFalse();
  }

  @Test
  void a_success_ends_the_pause_and_begins_anew() {
    backoff.failed(now, null);
    backoff.failed(now, null);
    backoff.succeeded();
    assertThat(backoff.holds(now)).isFalse();
    assertThat(backoff.failed(now, null)).isBefore(now.plusSeconds(73));
  }

  @Test
  void a_wish_of_the_other_side_is_granted_for_a_day_at_most() {
    Instant wish = now.plus(Duration.ofHours(3));
    assertThat(backoff.failed(now, wish)).isEqualTo(wish);
    assertThat(backoff.failed(now, now.plus(Duration.ofDays(400))))
        .isEqualTo(now.plus(Duration.ofDays(1)));
    assertThat(backoff.failed(now, now.minusSeconds(5))).isAfter(now.plusSeconds(200));
  }
}
