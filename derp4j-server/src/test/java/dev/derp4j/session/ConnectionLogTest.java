package dev.derp4j.session;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.routing.TestKeys;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionLogTest {
  private static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.1", 40_000);

  @AutoClose private final CapturedLog said = new CapturedLog();
  private final Metrics metrics = new Metrics("test", "derper");
  private final ConnectionLog log = new ConnectionLog(metrics);

  @ParameterizedTest
  @EnumSource
  void everyEndIsCountedByItsReasonAndSaidInOneLineButThatOfAStop(CloseReason reason) {
    log.closed(reason, REMOTE, "why");
    assertThat(metrics.closedCount(reason)).isEqualTo(1);
    if (reason == CloseReason.SHUTDOWN) {
      assertThat(said.lines()).isEmpty();
    } else {
      assertThat(said.lines()).containsExactly("derp: 192.0.2.1:40000: why");
    }
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new IOException("Connection reset by peer"), CloseReason.RESET, ""),
        Arguments.of(new ClosedChannelException(), CloseReason.RESET, ""),
        Arguments.of(
            new IllegalStateException("ouch"),
            CloseReason.INTERNAL_ERROR,
            "internal error: IllegalStateException: ouch"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whatBreaksAConnectionIsToldFromFaultsOfOurs(
      Throwable cause, CloseReason reason, String line) {
    log.failed(REMOTE, cause);
    assertThat(metrics.closedCount(reason)).isEqualTo(1);
    if (line.isEmpty()) {
      assertThat(said.lines()).isEmpty();
    } else {
      assertThat(said.lines()).containsExactly("derp: 192.0.2.1:40000: " + line);
    }
  }

  @Test
  void aFaultOfTlsIsNoFaultOfOurs() {
    log.failed(REMOTE, new DecoderException(new SSLException("bad record")));
    log.failed(REMOTE, new SSLException("bad record"));
    assertThat(metrics.closedCount(CloseReason.INTERNAL_ERROR)).isZero();
  }

  @Test
  void oneAddressCannotFillTheLog() {
    for (int i = 0; i < 1_000; i++) {
      InetSocketAddress knocking = new InetSocketAddress("192.0.2.1", 1 + i);
      log.closed(CloseReason.PROTOCOL_ERROR, knocking, "nonsense");
    }
    assertThat(said.lines()).hasSize(200);
    assertThat(metrics.closedCount(CloseReason.PROTOCOL_ERROR)).isEqualTo(1_000);
    log.closed(CloseReason.PROTOCOL_ERROR, new InetSocketAddress("192.0.2.2", 1), "something else");
    assertThat(said.lines()).hasSize(201);
  }

  @Test
  void dropLinesAreLimitedByReason() {
    for (int i = 0; i < 100; i++) {
      log.drop(DropReason.UNKNOWN_DEST, TestKeys.key(1), TestKeys.key(2));
      log.drop(DropReason.QUEUE_HEAD, TestKeys.key(1), TestKeys.key(2));
    }
    assertThat(said.lines()).hasSize(10);
    assertThat(said.lines().getFirst())
        .isEqualTo(
            "drop ("
                + TestKeys.key(1).shortText()
                + ") unknown_dest -> "
                + TestKeys.key(2).shortText());
  }

  @Test
  void addressesOfVersionSixAreInBrackets() {
    log.closed(CloseReason.PROTOCOL_ERROR, new InetSocketAddress("2001:db8:0:0::1", 443), "why");
    assertThat(said.lines()).containsExactly("derp: [2001:db8::1]:443: why");
  }
}
