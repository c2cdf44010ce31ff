package dev.derp4j.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class MetricsTest {
  private final Metrics metrics = new Metrics("1.2.3", "derper");

  @Test
  void noTwoMetricsHaveTheSameName() {
    assertThat(Arrays.stream(Metric.values()).map(Metric::printedName)).doesNotHaveDuplicates();
  }

  @Test
  void everyMetricSaysWhatItIs() {
    assertThat(Metric.values()).allSatisfy(metric -> assertThat(metric.help()).isNotBlank());
  }

  @Test
  void countersAddUp() {
    metrics.increment(Metric.DERP_ACCEPTS);
    metrics.add(Metric.DERP_ACCEPTS, 41);

    assertThat(metrics.value(Metric.DERP_ACCEPTS)).isEqualTo(42);
  }

  @Test
  void receivedPacketsCountInAllAndByKind() {
    metrics.received(PacketKind.DISCO, 2, 100);
    metrics.received(PacketKind.OTHER, 3, 1000);

    assertThat(metrics.value(Metric.DERP_PACKETS_RECEIVED)).isEqualTo(5);
    assertThat(metrics.value(Metric.DERP_BYTES_RECEIVED)).isEqualTo(1100);
    assertThat(metrics.value(Metric.DERP_PACKETS_RECEIVED_KIND, "disco")).isEqualTo(2);
    assertThat(metrics.value(Metric.DERP_PACKETS_RECEIVED_KIND, "other")).isEqualTo(3);
  }

  @Test
  void nothingIsLostWhenManyThreadsCountWhileAnotherPrints() throws InterruptedException {
    int threads = 4;
    int each = 20_000;
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> counting = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      counting.add(Thread.ofPlatform().start(() -> countMuch(go, each)));
    }
    go.countDown();
    while (counting.stream().anyMatch(Thread::isAlive)) {
      assertThat(metrics.expose()).contains("derp_packets_sent ");
    }
    for (Thread thread : counting) {
      thread.join();
    }

    long total = (long) threads * each;
    assertThat(metrics.value(Metric.DERP_PACKETS_SENT)).isEqualTo(total);
    assertThat(metrics.dropped(DropReason.QUEUE_HEAD, PacketKind.OTHER)).isEqualTo(total);
    assertThat(metrics.value(Metric.DERP_BUFFERED_WRITE_FRAMES)).isEqualTo(total);
    assertThat(metrics.value(Metric.DERP_TCP_RTT, "inf")).isEqualTo(total / 2);
    assertThat(metrics.value(Metric.TLS_ACTIVE_VERSION, "1.3")).isZero();
  }

  private void countMuch(CountDownLatch go, int times) {
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    for (int n = 0; n < times; n++) {
      metrics.increment(Metric.DERP_PACKETS_SENT);
      metrics.dropped(DropReason.QUEUE_HEAD, PacketKind.OTHER, 1, 10);
      metrics.observe(Metric.DERP_BUFFERED_WRITE_FRAMES, n % 7);
      metrics.tcpRtt(n % 2 == 0 ? "10ms" : "inf");
      metrics.tlsActive("TLSv1.3", n % 2 == 0 ? 1 : -1);
    }
  }

  @Test
  void theQueueDurationIsAMovingAverageOfWeightOneTenth() {
    metrics.queueDuration(100);
    metrics.queueDuration(50);

    assertThat(averageQueueDuration()).isCloseTo(0.1 * 50 + 0.9 * (0.1 * 100), within(1e-9));
  }

  private double averageQueueDuration() {
    String name = Metric.DERP_AVERAGE_QUEUE_DURATION.printedName() + " ";
    return metrics
        .expose()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void tlsVersionsAreNamedByTheirNumbers() {
    metrics.tlsRequest("TLSv1.3");
    metrics.tlsRequest("TLSv1.2");
    metrics.tlsRequest("1.2");
    metrics.tlsRequest("TLSv1");
    metrics.tlsRequest("NONE");

    assertThat(metrics.value(Metric.TLS_REQUEST_VERSION, "1.3")).isOne();
    assertThat(metrics.value(Metric.TLS_REQUEST_VERSION, "1.2")).isEqualTo(2);
    assertThat(metrics.value(Metric.TLS_REQUEST_VERSION, "1.0")).isOne();
    assertThat(metrics.value(Metric.TLS_REQUEST_VERSION, "unknown")).isOne();
  }

  @Test
  void aLaterSupplierTakesThePlaceOfAnEarlier() {
    metrics.supply(Metric.DERP_WATCHERS, () -> 1);
    metrics.supply(Metric.DERP_WATCHERS, () -> 2);

    assertThat(metrics.value(Metric.DERP_WATCHERS)).isEqualTo(2);
  }

  @Test
  void eachConnectionThatEndsHasItsReason() {
    metrics.closed(CloseReason.HTTP_MALFORMED);

    assertThat(metrics.closedCount(CloseReason.HTTP_MALFORMED)).isOne();
    assertThat(metrics.closedCount(CloseReason.RESET)).isZero();
    assertThat(metrics.expose())
        .contains("derp4j_connections_closed{reason=\"http_malformed\"} 1\n");
  }

  @Test
  void whatWouldCountSomewhereElseIsAFaultOfTheCaller() {
    assertThatThrownBy(() -> metrics.increment(Metric.DERP_WATCHERS))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> metrics.observe(Metric.DERP_ACCEPTS, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> metrics.supply(Metric.DERP_ACCEPTS, () -> 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> metrics.tcpRtt("30ms")).isInstanceOf(IllegalArgumentException.class);
  }
}
