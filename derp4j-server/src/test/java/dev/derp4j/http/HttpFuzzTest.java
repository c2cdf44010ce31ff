package dev.derp4j.http;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.metrics.CloseReason;
import java.util.Arrays;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever comes in, in whatever pieces: no exception leaves the pipeline, no more is held than
/// the limits allow, and the connection ends or still answers.
///
/// Runs the recorded inputs with the other tests; searches for new ones with `JAZZER_FUZZ=1 mvn -pl
/// derp4j-server test -Dtest=HttpFuzzTest`.
class HttpFuzzTest {
  @FuzzTest(maxDuration = "2m")
  void anyBytesInAnyPieces(FuzzedDataProvider data) {
    HttpSite.Mode mode = data.pickValue(HttpSite.Mode.values());
    try (HttpChannel http = new HttpChannel(mode, HttpChannel.STRANGER, site -> site)) {
      while (data.remainingBytes() > 0 && http.isOpen()) {
        byte[] piece = data.consumeBytes(data.consumeInt(1, 4096));
        http.send(piece);
        http.channel.runPendingTasks();
        http.channel.checkException();
        http.received();
      }
      assertThat(http.derp.strays).isEmpty();
      assertThat(http.metrics.closedCount(CloseReason.INTERNAL_ERROR)).isZero();
      http.advance(30); // for what has begun
      http.advance(1); // for the last word to be heard
      assertThat(http.isOpen()).isEqualTo(http.upgrade != null);
    }
  }

  @FuzzTest(maxDuration = "2m")
  void anyHeadsBetweenSensibleLines(FuzzedDataProvider data) {
    try (HttpChannel http = new HttpChannel()) {
      String head = data.consumeRemainingAsAsciiString();
      http.send("GET /derp/probe HTTP/1.1\r\nHost: h\r\n" + head);
      http.send("\r\n\r\n");
      http.channel.checkException();
      assertThat(http.metrics.closedCount(CloseReason.INTERNAL_ERROR)).isZero();
    }
  }

  @FuzzTest(maxDuration = "2m")
  void anyTargetIsEitherNoneOrHasAPathThatIsCleanForGood(FuzzedDataProvider data) {
    String method = data.pickValue(Arrays.asList("GET", "CONNECT", "OPTIONS"));
    RequestTarget.parse(method, data.consumeRemainingAsAsciiString())
        .filter(target -> !target.path().isEmpty())
        .ifPresent(
            target -> {
              String clean = target.cleanPath();
              RequestTarget again = RequestTarget.parse("GET", clean).orElseThrow();
              assertThat(again.cleanPath()).isEqualTo(clean);
              assertThat(clean).startsWith("/").doesNotStartWith("//");
              assertThat(target.decodedPath()).startsWith("/");
            });
  }
}
