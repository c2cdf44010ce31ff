package dev.derp4j.bench.load.traffic;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class BurstScheduleTest {
  private static final long START = 1_000_000_000L;

  @Test
  void theRateIsKeptOverTime() {
    BurstSchedule schedule = new BurstSchedule(1, 2000, 8, 16, START);
    long packets = 0;
    while (schedule.due() < START + 100_000_000_000L) {
      assertThat(schedule.size()).isBetween(8, 16);
      packets += schedule.size();
      schedule.advance();
    }

    assertThat(packets / 100.0).isCloseTo(2000, within(40.0));
  }

  @Test
  void theFirstBurstIsDueWithinOneMeanInterval() {
    for (int seed = 0; seed < 100; seed++) {
      BurstSchedule schedule = new BurstSchedule(seed, 1000, 10, 10, START);
      assertThat(schedule.due()).isBetween(START, START + 10_000_000L);
    }
  }

  @Test
  void theSameSeedGivesTheSameSchedule() {
    BurstSchedule one = new BurstSchedule(7, 500, 1, 9, START);
    BurstSchedule other = new BurstSchedule(7, 500, 1, 9, START);
    for (int i = 0; i < 1000; i++) {
      assertThat(one.due()).isEqualTo(other.due());
      assertThat(one.size()).isEqualTo(other.size());
      one.advance();
      other.advance();
    }
  }

  @Test
  void timeGoesForwardAndPausesStayWithinHalfAndOneAndAHalf() {
    BurstSchedule schedule = new BurstSchedule(3, 100, 4, 4, 0);
    for (int i = 0; i < 1000; i++) {
      long before = schedule.due();
      schedule.advance();
      assertThat(schedule.due() - before).isBetween(20_000_000L - 1, 60_000_000L);
    }
  }
}
