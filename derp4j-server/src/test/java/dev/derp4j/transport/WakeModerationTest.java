package dev.derp4j.transport;

import io.netty.channel.SelectStrategy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WakeModerationTest {
  private static final long SLEEP_NANOS = 60_000;

  private final ManualClock clock = new ManualClock();
  private final WakeModeration moderation = new WakeModeration(clock);
  private int ready;

  private static final class ManualClock implements WakeModeration.Clock {
    long now;
    int sleeps;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public void sleep() {
      sleeps++;
      now += SLEEP_NANOS;
    }
  }

  /// The loop has relayed these since it last looked, and looks again after this time.
  private int look(int packets, long nanos) throws Exception {
    moderation.relayed(packets);
    clock.now += nanos;
    return moderation.calculateStrategy(() -> ready, false);
  }

  private void wakeUpThick() throws Exception {
    for (int i = 0; i < WakeModeration.THICK; i++) {
      assertThat(look(4, 20_000)).isEqualTo(SelectStrategy.SELECT);
    }
    assertThat(clock.sleeps).isZero();
  }

  @Test
  void whereWakeupsComeThickAndBringLittleItSleepsBeforeItLooks() throws Exception {
    wakeUpThick();
    ready = 3;
    assertThat(look(4, 20_000)).isEqualTo(3);
    assertThat(look(30, 60_000)).isEqualTo(3);
    assertThat(clock.sleeps).isEqualTo(2);
  }

  @Test
  void itWaitsAsBeforeOnceItFindsNothing() throws Exception {
    wakeUpThick();
    assertThat(look(4, 20_000)).isEqualTo(SelectStrategy.SELECT);
    assertThat(clock.sleeps).isEqualTo(1);
    assertThat(look(4, 20_000)).isEqualTo(SelectStrategy.SELECT);
    assertThat(clock.sleeps).isEqualTo(1);
  }

  @Test
  void aLoopWithoutTimeToSpareDoesNotSleep() throws Exception {
    wakeUpThick();
    ready = 50;
    for (int i = 0; i < 100; i++) {
      assertThat(look(200, WakeModeration.BUSY_NANOS)).isEqualTo(50);
    }
    assertThat(clock.sleeps).isZero();
  }

  @Test
  void seldomWakeupsBurstsAndWakeupsForNoPacketDelayNothing() throws Exception {
    for (int i = 0; i < 10 * WakeModeration.THICK; i++) {
      assertThat(look(4, WakeModeration.SHORT_NANOS)).isEqualTo(SelectStrategy.SELECT);
      assertThat(look(WakeModeration.FEW, 20_000)).isEqualTo(SelectStrategy.SELECT);
      assertThat(look(0, 20_000)).isEqualTo(SelectStrategy.SELECT);
    }
    assertThat(clock.sleeps).isZero();
  }

  @Test
  void oneSeldomWakeupBeginsTheCountAnew() throws Exception {
    for (int i = 0; i < WakeModeration.THICK - 1; i++) {
      look(1, 10_000);
    }
    look(1, 1_000_000);
    for (int i = 0; i < WakeModeration.THICK - 1; i++) {
      look(1, 10_000);
    }
    ready = 1;
    assertThat(look(1, 10_000)).isEqualTo(SelectStrategy.SELECT);
    assertThat(clock.sleeps).isZero();
    assertThat(look(1, 10_000)).isEqualTo(1);
    assertThat(clock.sleeps).isEqualTo(1);
  }

  @Test
  void withTasksWaitingItOnlyLooks() throws Exception {
    wakeUpThick();
    ready = 7;
    assertThat(moderation.calculateStrategy(() -> ready, true)).isEqualTo(7);
    assertThat(clock.sleeps).isZero();
  }
}
