package dev.derp4j.server;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.RawConnection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

/// A relay with a pair of well-behaved clients, which lives through all that a test class does to
/// it.
final class AbusedRelay implements AutoCloseable {
  private final TestRelay relay;
  private final Bystanders bystanders;
  private final CapturedLog log = new CapturedLog();

  /// What one bad connection does. It is closed for it afterwards if it has not done so itself.
  interface Misdeed {
    void on(RawConnection connection) throws Exception;
  }

  AbusedRelay(Wiring wiring) throws Exception {
    this(wiring, PhaseDeadlines.STANDARD, _ -> {});
  }

  AbusedRelay(Wiring wiring, PhaseDeadlines deadlines, Consumer<RelayConfig.Builder> changes)
      throws Exception {
    relay = TestRelay.start(wiring, deadlines, changes);
    bystanders = new Bystanders(relay);
  }

  TestRelay relay() {
    return relay;
  }

  Bystanders bystanders() {
    return bystanders;
  }

  CapturedLog log() {
    return log;
  }

  /// As it shall stand in a test's name.
  @Override
  public String toString() {
    return relay.relay().transportDescription();
  }

  /// Has one connection misbehave, and makes sure that this costs the relay that connection, one
  /// count under this reason, at most one line of the log, and nobody anything else.
  ///
  /// @return the line, if there was one
  List<String> endsOneConnection(CloseReason reason, Misdeed misdeed) throws Exception {
    return endsOneConnection(reason, relay.open(), misdeed);
  }

  /// The same for a connection whose beginning is the test's own.
  List<String> endsOneConnection(CloseReason reason, RawConnection connection, Misdeed misdeed)
      throws Exception {
    Map<CloseReason, Long> expected = closed();
    expected.merge(reason, 1L, Long::sum);
    log.clear();
    try (connection) {
      bystanders.exchangeWhile(() -> misdeed.on(connection));
    }
    eventually(() -> assertThat(closed()).isEqualTo(expected));
    eventually(() -> assertThat(relay.value(Metric.DERP_CURRENT_CONNECTIONS)).isEqualTo(2));
    bystanders.exchange();
    assertThat(closed()).isEqualTo(expected);
    List<String> lines = log.lines();
    assertThat(lines).hasSizeLessThanOrEqualTo(1).allSatisfy(AbusedRelay::assertOneLine);
    return lines;
  }

  private static void assertOneLine(String line) {
    assertThat(line).hasSizeLessThan(300).matches("[ -~]*");
  }

  /// Why connections have ended so far.
  Map<CloseReason, Long> closed() {
    Map<CloseReason, Long> counts = new EnumMap<>(CloseReason.class);
    for (CloseReason reason : CloseReason.values()) {
      counts.put(reason, relay.closed(reason));
    }
    return counts;
  }

  @Override
  public void close() throws Exception {
    bystanders.close();
    relay.close();
    log.close();
  }
}
