package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// One connection and its requests, whatever they ask for.
class ConnectionTest {
  private static final String PROBE = HttpChannel.get("/derp/probe");
  private static final String ROBOTS = HttpChannel.get("/robots.txt");

  private static int answers(String received) {
    return received.split("HTTP/1\\.[01] ", -1).length - 1;
  }

  @Test
  void aConnectionIsKeptForTheNextRequest() {
    try (HttpChannel http = new HttpChannel()) {
      assertThat(answers(http.ask(PROBE))).isOne();
      assertThat(answers(http.ask(ROBOTS))).isOne();
      assertThat(http.isOpen()).isTrue();
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrderHoweverTheyArrive() {
    String all = ROBOTS + PROBE + HttpChannel.get("/generate_204");
    try (HttpChannel whole = new HttpChannel();
        HttpChannel bytes = new HttpChannel()) {
      String expected = whole.ask(all);
      String got = bytes.sendByteByByte(all.getBytes(StandardCharsets.US_ASCII)).received();

      assertThat(answers(expected)).isEqualTo(3);
      assertThat(expected.indexOf("User-agent")).isLessThan(expected.indexOf("Access-Control"));
      assertThat(expected.indexOf("Access-Control")).isLessThan(expected.indexOf("204 No"));
      assertThat(withoutDates(got)).isEqualTo(withoutDates(expected));
    }
  }

  private static String withoutDates(String text) {
    return text.replaceAll("Date: [^\r]*\r\n", "");
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1, '', true, 'HTTP/1.1', ''",
    "HTTP/1.1, close, false, 'HTTP/1.1', 'Connection: close'",
    "HTTP/1.1, Close, false, 'HTTP/1.1', 'Connection: close'",
    "HTTP/1.0, '', false, 'HTTP/1.0', ''",
    "HTTP/1.0, keep-alive, true, 'HTTP/1.0', 'Connection: keep-alive'",
    "HTTP/1.2, '', true, 'HTTP/1.1', ''"
  })
  void whetherAConnectionIsKeptIsTheClientsWish(
      String version, String connection, boolean kept, String answerVersion, String header) {
    try (HttpChannel http = new HttpChannel()) {
      String wish = connection.isEmpty() ? "" : "Connection: " + connection + "\r\n";
      String answer = http.ask("GET /robots.txt " + version + "\r\nHost: h\r\n" + wish + "\r\n");

      assertThat(answer).startsWith(answerVersion + " 200 OK\r\n");
      assertThat(answer.contains("Connection: ")).isEqualTo(!header.isEmpty());
      assertThat(answer).contains(header);
      assertThat(http.isOpen()).isEqualTo(kept);
    }
  }

  @Test
  void nothingIsAnsweredBehindTheLastResponse() {
    try (HttpChannel http = new HttpChannel()) {
      String last = HttpChannel.request("GET", "/robots.txt", "Connection: close");

      assertThat(answers(http.ask(PROBE + last + PROBE))).isEqualTo(2);
      assertThat(http.isOpen()).isFalse();
      assertThat(http.metrics.closedCount(CloseReason.HTTP_DONE)).isOne();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nTrailer: b\r\n\r\n"
      })
  void bodiesAreReadPastAndSayNothing(String body) {
    String request = "POST /robots.txt HTTP/1.1\r\nHost: h\r\n" + body;
    try (HttpChannel http = new HttpChannel();
        HttpChannel bytes = new HttpChannel()) {
      assertThat(answers(http.ask(request + PROBE))).isEqualTo(2);

      bytes.sendByteByByte((request + PROBE).getBytes(StandardCharsets.US_ASCII));
      assertThat(answers(bytes.received())).isEqualTo(2);
      assertThat(bytes.isOpen()).isTrue();
    }
  }

  @Test
  void aBodyTooLargeToReadIsTheEndOfItsConnection() {
    try (HttpChannel announced = new HttpChannel();
        HttpChannel chunked = new HttpChannel()) {
      assertThat(announced.ask(HttpChannel.request("POST", "/x", "Content-Length: 300000")))
          .contains("\r\nConnection: close\r\n");

      chunked.send(HttpChannel.request("POST", "/x", "Transfer-Encoding: chunked"));
      String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
      chunked.send(chunk.repeat(4));
      assertThat(chunked.isOpen()).isTrue();
      chunked.send(chunk);
      chunked.advance(1);
      assertThat(chunked.isOpen()).isFalse();
    }
  }

  @Test
  void aBrokenChunkIsTheEndOfItsConnection() {
    try (HttpChannel http = new HttpChannel()) {
      http.send(HttpChannel.request("POST", "/x", "Transfer-Encoding: chunked") + "zz\r\n" + PROBE);

      assertThat(answers(http.received())).isOne();
      http.advance(1);
      assertThat(http.isOpen()).isFalse();
      assertThat(http.metrics.closedCount(CloseReason.HTTP_MALFORMED)).isOne();
    }
  }

  @Test
  void aClientThatAsksForLeaveToSendIsAnsweredInsteadAndLetGo() {
    try (HttpChannel http = new HttpChannel()) {
      String answer =
          http.ask(
              HttpChannel.request(
                  "POST", "/robots.txt", "Expect: 100-continue", "Content-Length: 3"));

      assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").contains("\r\nConnection: close\r\n");
      http.advance(1);
      assertThat(http.isOpen()).isFalse();
    }
  }

  @Test
  void anotherExpectationCannotBeMet() {
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask(HttpChannel.request("GET", "/robots.txt", "Expect: the unexpected")))
          .startsWith("HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\n");
      assertThat(http.isOpen()).isFalse();
    }
  }

  @Test
  void slowPagesAreMadeElsewhereAndNothingOvertakesThem() {
    Deque<Runnable> elsewhere = new ArrayDeque<>();
    try (HttpChannel http =
        new HttpChannel(
            HttpSite.Mode.DERP_PLAIN,
            HttpChannel.LOOPBACK,
            site -> site.slowPages(elsewhere::add))) {
      assertThat(http.ask(PROBE + HttpChannel.get("/debug/varz") + ROBOTS))
          .contains("Access-Control-Allow-Origin")
          .doesNotContain("User-agent");
      assertThat(http.ask(PROBE)).isEmpty();

      elsewhere.remove().run();
      http.channel.runPendingTasks();

      String rest = http.received();
      assertThat(answers(rest)).isEqualTo(3);
      assertThat(rest.indexOf("derp_accepts")).isLessThan(rest.indexOf("User-agent"));
      assertThat(http.channel.config().isAutoRead()).isTrue();
    }
  }

  @Test
  void aSlowPageThatFailsIsAnErrorOfItsConnectionOnly() {
    try (HttpChannel http =
        new HttpChannel(
            HttpSite.Mode.DERP_PLAIN,
            HttpChannel.LOOPBACK,
            site -> site.slowPages(page -> failing(page)))) {
      http.send(HttpChannel.get("/debug/varz"));

      assertThat(http.isOpen()).isFalse();
      assertThat(http.metrics.closedCount(CloseReason.INTERNAL_ERROR)).isOne();
    }
  }

  private static void failing(Runnable page) {
    throw new IllegalStateException("no thread for " + page.getClass());
  }

  @Test
  void aPeerThatClosesMeanwhileIsNoFault() {
    Deque<Runnable> elsewhere = new ArrayDeque<>();
    try (HttpChannel http =
        new HttpChannel(
            HttpSite.Mode.DERP_PLAIN,
            HttpChannel.LOOPBACK,
            site -> site.slowPages(elsewhere::add))) {
      http.send(HttpChannel.get("/debug/varz"));
      http.channel.close();
      elsewhere.remove().run();
      http.channel.runPendingTasks();

      assertThat(http.received()).isEmpty();
      assertThat(http.metrics.closedCount(CloseReason.CLOSED_BY_PEER)).isOne();
    }
  }

  @Test
  void aClientThatTakesNoAnswersIsReadNoFurther() {
    try (HttpChannel http = new HttpChannel()) {
      http.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
      http.send(PROBE.repeat(1000));

      assertThat(answers(http.received())).isOne();
      assertThat(http.channel.config().isAutoRead()).isFalse();

      http.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
      http.channel.runPendingTasks();
      assertThat(answers(http.received())).isEqualTo(999);
      assertThat(http.channel.config().isAutoRead()).isTrue();
    }
  }
}
