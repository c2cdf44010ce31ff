package dev.derp4j.session;

import dev.derp4j.metrics.Metric;
import io.netty.channel.Channel;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class RoundTripsTest {
  @AutoClose private final TestRelay relay = new TestRelay();

  @ParameterizedTest
  @CsvSource({
    "0, 10ms",
    "10000, 10ms",
    "10001, 20ms",
    "20000, 20ms",
    "49999, 50ms",
    "100000, 100ms",
    "150000, 150ms",
    "250000, 250ms",
    "500000, 500ms",
    "500001, inf",
    "4294967295, inf"
  })
  void aRoundTripFallsIntoTheFirstBucketThatHoldsIt(long micros, String bucket) {
    assertThat(RoundTrips.label(micros)).isEqualTo(bucket);
    relay.metrics.tcpRtt(bucket);
    assertThat(relay.metrics.value(Metric.DERP_TCP_RTT, bucket)).isEqualTo(1);
  }

  @Test
  void aTransportThatDoesNotTellIsNotSampled() {
    RoundTrips.sample(relay.client(1).channel, relay.metrics);
    assertThat(relay.counted(Metric.DERP_TCP_RTT)).isZero();
  }

  @Test
  void aConnectionWhoseBytesAreWrappedIsCountedAsNoTcp() {
    Channel channel = relay.client(1).channel;
    RoundTrips.exclude(channel);
    RoundTrips.sample(channel, relay.metrics);
    assertThat(relay.metrics.value(Metric.DERP_TCP_RTT, "non-tcp")).isOne();
  }
}
