package dev.derp4j.session;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TimerWheelTest {
  private static final int TICKS_A_SECOND = 1000 / TimerWheel.TICK_MILLIS;

  @AutoClose private final TestRelay relay = new TestRelay();

  private final Map<RelaySession, Integer> keepAlives = new HashMap<>();
  private final Map<RelaySession, Integer> samples = new HashMap<>();

  private final TimerWheel.Actions actions =
      new TimerWheel.Actions() {
        @Override
        public void keepAlive(RelaySession session) {
          keepAlives.merge(session, 1, Integer::sum);
        }

        @Override
        public void sample(RelaySession session) {
          samples.merge(session, 1, Integer::sum);
        }
      };

  @Test
  void samplesEveryTenSecondsBesideTheKeepAlives() {
    TimerWheel wheel = new TimerWheel(actions, true);
    RelaySession session = relay.client(1).session;
    wheel.start(new TimerWheel.Link(session));
    ticks(wheel, 10 * TICKS_A_SECOND - 1);
    assertThat(samples).isEmpty();
    ticks(wheel, 1);
    assertThat(samples).containsEntry(session, 1);
    ticks(wheel, 590 * TICKS_A_SECOND);
    assertThat(samples).containsEntry(session, 60);
    assertThat(keepAlives.get(session)).isBetween(9, 10);
  }

  @Test
  void withoutSamplingThereAreOnlyKeepAlives() {
    TimerWheel wheel = new TimerWheel(actions, false);
    RelaySession session = relay.client(1).session;
    wheel.start(new TimerWheel.Link(session));
    ticks(wheel, 600 * TICKS_A_SECOND);
    assertThat(samples).isEmpty();
    assertThat(keepAlives.get(session)).isBetween(9, 10);
  }

  @Test
  void aLinkCanBeTakenOffFromAnyPlaceAndTwice() {
    TimerWheel wheel = new TimerWheel(actions, false);
    RelaySession session = relay.client(1).session;
    Random random = new Random(5);
    TimerWheel.Link[] links = new TimerWheel.Link[400];
    int running = 0;
    for (int round = 0; round < 20_000; round++) {
      int index = random.nextInt(links.length);
      if (links[index] == null) {
        links[index] = new TimerWheel.Link(session);
        wheel.start(links[index]);
        running++;
      } else {
        wheel.stop(links[index]);
        wheel.stop(links[index]);
        links[index] = null;
        running--;
      }
      if (round % 4 == 0) {
        ticks(wheel, 1);
      }
    }
    keepAlives.clear();
    ticks(wheel, 65 * TICKS_A_SECOND);
    assertThat(keepAlives.get(session)).isBetween(running, 2 * running);
  }

  @Test
  void aConnectionThatEndsInItsOwnTurnIsNotMissedByTheOthers() {
    TimerWheel[] wheel = new TimerWheel[1];
    Map<RelaySession, TimerWheel.Link> links = new HashMap<>();
    wheel[0] =
        new TimerWheel(
            new TimerWheel.Actions() {
              @Override
              public void keepAlive(RelaySession session) {
                keepAlives.merge(session, 1, Integer::sum);
                wheel[0].stop(links.get(session));
              }

              @Override
              public void sample(RelaySession session) {}
            },
            false);
    for (int i = 0; i < 100; i++) {
      RelaySession session = relay.client(i).session;
      TimerWheel.Link link = new TimerWheel.Link(session);
      links.put(session, link);
      wheel[0].start(link);
    }
    ticks(wheel[0], 200 * TICKS_A_SECOND);
    assertThat(keepAlives).hasSize(100).allSatisfy((session, times) -> assertThat(times).isOne());
  }

  private static void ticks(TimerWheel wheel, int count) {
    for (int i = 0; i < count; i++) {
      wheel.tick();
    }
  }
}
