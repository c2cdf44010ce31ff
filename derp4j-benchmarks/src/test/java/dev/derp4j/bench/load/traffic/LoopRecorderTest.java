package dev.derp4j.bench.load.traffic;

import dev.derp4j.bench.load.report.Percentiles;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class LoopRecorderTest {
  private static final long MILLISECOND = 1_000_000;

  private final LoopRecorder recorder = new LoopRecorder(100 * MILLISECOND);

  @Test
  void volumesCountByTheClock() {
    recorder.relayed(10);
    recorder.begin();
    recorder.relayed(50);
    recorder.relayed(70);
    recorder.end();
    recorder.relayed(10);

    assertThat(recorder.relayedPackets()).isEqualTo(2);
    assertThat(recorder.relayedBytes()).isEqualTo(120);
  }

  @Test
  void aStallShowsInEveryPacketThatWasDueDuringIt() {
    recorder.begin();
    for (int due = 0; due < 1000; due++) {
      recorder.delayed((Math.max(due, 500) - due) * MILLISECOND);
    }

    Percentiles delay = Percentiles.of(recorder.delay());
    assertThat(delay.count()).isEqualTo(1000);
    assertThat(delay.p50()).isLessThan(2000);
    assertThat(delay.p90()).isCloseTo(400_000, within(2000.0));
    assertThat(recorder.late()).isEqualTo(400);
  }

  @Test
  void whatIsRefusedOrPacedOutsideTheCountedTimeStaysOut() {
    recorder.refused();
    recorder.paced(5);
    recorder.begin();
    recorder.refused();
    recorder.paced(5);
    recorder.end();
    recorder.refused();

    assertThat(recorder.refusedPackets()).isEqualTo(1);
    assertThat(recorder.pacing().getTotalCount()).isEqualTo(1);
  }
}
