package dev.derp4j.session;

import dev.derp4j.frame.Frame;
import dev.derp4j.routing.TestKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class KeepAliveTest {
  private static final Duration LEAST = Duration.ofSeconds(60);
  private static final Duration MOST = Duration.ofSeconds(65);
  private static final Duration STEP = Duration.ofMillis(50);

  @AutoClose private final TestRelay relay = new TestRelay();

  @Test
  void comesEverySixtyToSixtyFiveSecondsDrawnAnewEachTime() {
    List<TestClient> clients = new ArrayList<>();
    List<List<Duration>> times = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      // They connect at times that have nothing to do with the ticks of the loop's clock.
      clients.add(relay.client(i));
      times.add(new ArrayList<>(List.of(relay.now())));
      relay.pass(Duration.ofMillis(37));
    }
    for (Duration passed = Duration.ZERO;
        passed.compareTo(Duration.ofMinutes(11)) < 0;
        passed = passed.plus(STEP)) {
      relay.pass(STEP);
      for (int i = 0; i < clients.size(); i++) {
        for (Frame frame : clients.get(i).received()) {
          assertThat(frame).isEqualTo(new Frame.KeepAlive());
          times.get(i).add(relay.now());
        }
      }
    }
    Set<Duration> intervalsOfFirst = new HashSet<>();
    Set<Duration> firstIntervals = new HashSet<>();
    for (List<Duration> of : times) {
      assertThat(of).hasSizeBetween(11, 12);
      for (int i = 1; i < of.size(); i++) {
        Duration interval = of.get(i).minus(of.get(i - 1));
        // A time is seen up to one step late.
        assertThat(interval).isBetween(LEAST.minus(STEP), MOST.plus(STEP));
        if (of == times.getFirst()) {
          intervalsOfFirst.add(interval);
        }
      }
      firstIntervals.add(of.get(1).minus(of.get(0)));
    }
    // Ten draws from twenty values are all the same once in 10^11 runs.
    assertThat(intervalsOfFirst).hasSizeGreaterThan(1);
    assertThat(firstIntervals).hasSizeGreaterThan(5);
  }

  @Test
  void neverComesTooEarlyAndNeverTooLate() {
    relay.pass(Duration.ofMillis(130));
    List<TestClient> clients = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      clients.add(relay.client(i));
    }
    relay.pass(LEAST.minusMillis(1));
    assertThat(clients).allSatisfy(client -> assertThat(client.received()).isEmpty());
    relay.pass(MOST.minus(LEAST).plusMillis(1));
    assertThat(clients)
        .allSatisfy(client -> assertThat(client.received()).containsExactly(new Frame.KeepAlive()));
  }

  @Test
  void otherTrafficDoesNotPutItOff() {
    TestClient client = relay.client(1);
    int keepAlives = 0;
    for (int second = 0; second < 65; second++) {
      client.send(new Frame.Ping(second), new Frame.SendPacket(TestKeys.key(1), new byte[1]));
      relay.pass(Duration.ofSeconds(1));
      keepAlives +=
          (int) client.received().stream().filter(Frame.KeepAlive.class::isInstance).count();
    }
    assertThat(keepAlives).isEqualTo(1);
  }

  @Test
  void onlyOneWaitsForAClientThatDoesNotRead() {
    try (TestRelay patient =
        new TestRelay(TestRelay.Options.DEFAULT.withWriteTimeout(Duration.ZERO, Duration.ZERO))) {
      TestClient client = patient.client(1);
      patient.stuff(client);
      patient.pass(Duration.ofMinutes(10));
      patient.does(() -> client.channel.makeRoom(Long.MAX_VALUE));
      assertThat(client.received()).filteredOn(Frame.KeepAlive.class::isInstance).hasSize(1);
    }
  }

  @Test
  void endsWithTheConnection() {
    TestClient leaving = relay.client(1);
    TestClient staying = relay.client(2);
    TestClient alsoLeaving = relay.client(3);
    relay.does(leaving.channel::hangUp);
    relay.pass(Duration.ofSeconds(30));
    relay.does(alsoLeaving.channel::hangUp);
    relay.pass(Duration.ofMinutes(30));
    assertThat(leaving.received()).isEmpty();
    assertThat(alsoLeaving.received()).isEmpty();
    assertThat(staying.received()).hasSizeBetween(27, 30);
  }
}
