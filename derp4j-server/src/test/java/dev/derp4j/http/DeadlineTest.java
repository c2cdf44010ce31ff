package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// Time stands still in these tests but where they move it.
class DeadlineTest {
  private static final String PROBE = HttpChannel.get("/derp/probe");

  @Test
  void aClientThatSaysNothingIsLetGoInSilence() {
    try (HttpChannel http = new HttpChannel()) {
      http.advance(29);
      assertThat(http.isOpen()).isTrue();
      http.advance(2);

      assertThat(http.isOpen()).isFalse();
      assertThat(http.received()).isEmpty();
      assertThat(http.metrics.closedCount(CloseReason.HTTP_TIMEOUT)).isOne();
    }
  }

  @Test
  void aDribbledHeadEndsThirtySecondsAfterItsFirstByte() {
    try (HttpChannel http = new HttpChannel()) {
      http.advance(20);
      for (int second = 0; second < 29; second++) {
        http.send(PROBE.substring(second, second + 1));
        http.advance(1);
      }
      assertThat(http.isOpen()).isTrue();
      assertThat(http.received()).isEmpty();

      http.advance(2);
      assertThat(http.received())
          .startsWith("HTTP/1.1 408 Request Timeout\r\n")
          .contains("Connection: close\r\n");
      http.advance(1);
      assertThat(http.isOpen()).isFalse();
      assertThat(http.metrics.closedCount(CloseReason.HTTP_TIMEOUT)).isOne();
    }
  }

  @Test
  void aConnectionIsKeptThirtySecondsForItsNextRequest() {
    try (HttpChannel http = new HttpChannel()) {
      http.ask(PROBE);
      http.advance(29);
      assertThat(http.ask(PROBE)).startsWith("HTTP/1.1 200 OK\r\n");
      http.advance(29);
      assertThat(http.isOpen()).isTrue();

      http.advance(2);
      assertThat(http.isOpen()).isFalse();
      assertThat(http.received()).isEmpty();
      assertThat(http.metrics.closedCount(CloseReason.HTTP_DONE)).isOne();
    }
  }

  @Test
  void aDribbledBodyEndsToo() {
    try (HttpChannel http = new HttpChannel()) {
      http.ask(HttpChannel.request("POST", "/x", "Content-Length: 1000"));
      for (int second = 0; second < 31 && http.isOpen(); second++) {
        http.send("x");
        http.advance(1);
      }

      assertThat(http.isOpen()).isFalse();
      assertThat(http.metrics.closedCount(CloseReason.HTTP_TIMEOUT)).isOne();
    }
  }

  @Test
  void aPageThatIsNeverMadeIsTheEndOfItsConnection() {
    try (HttpChannel http =
        new HttpChannel(
            HttpSite.Mode.DERP_PLAIN, HttpChannel.LOOPBACK, site -> site.slowPages(_ -> {}))) {
      http.send(HttpChannel.get("/debug/varz"));
      http.advance(31);

      assertThat(http.isOpen()).isFalse();
      assertThat(http.metrics.closedCount(CloseReason.WRITE_TIMEOUT)).isOne();
    }
  }

  @Test
  void thePlainPortHasTimeForLongProfiles() {
    try (HttpChannel http =
        new HttpChannel(
            HttpSite.Mode.PORT80, HttpChannel.LOOPBACK, site -> site.slowPages(_ -> {}))) {
      http.send(HttpChannel.get("/debug/varz"));
      http.advance(299);
      assertThat(http.isOpen()).isTrue();

      http.advance(2);
      assertThat(http.isOpen()).isFalse();
    }
  }

  @Test
  void aPeerThatNeverClosesAfterTheLastWordIsNotWaitedForLong() {
    try (HttpChannel http = new HttpChannel()) {
      http.ask("nonsense\r\n\r\n");
      assertThat(http.isOpen()).isTrue();

      http.advance(1);
      assertThat(http.isOpen()).isFalse();
    }
  }
}
