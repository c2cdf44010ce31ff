package dev.derp4j.http;

import dev.derp4j.metrics.CloseReason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Heads that are no requests, or too much of one: each closes its own connection, with a word why,
/// and is counted.
class BadHeadTest {
  private static String answer(String status) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
        + status;
  }

  private static void assertRefused(String bytes, String status) {
    try (HttpChannel whole = new HttpChannel();
        HttpChannel dribbled = new HttpChannel()) {
      assertThat(whole.ask(bytes)).isEqualTo(answer(status));
      whole.advance(1);
      assertThat(whole.isOpen()).isFalse();
      assertThat(whole.metrics.closedCount(CloseReason.HTTP_MALFORMED)).isOne();

      dribbled.sendByteByByte(bytes.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(dribbled.received()).isEqualTo(answer(status));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /\r\n\r\n",
        "nonsense\r\n\r\n",
        "\u0016\u0003\u0001\u0002garbage\u0000\u0001\r\n\r\n",
        "G{T / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.x\r\nHost: h\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET derp HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nbad name: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\u0000b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
      })
  void whatIsNoRequestIsABadRequest(String bytes) {
    assertRefused(bytes, "400 Bad Request");
  }

  @Test
  void aRequestNeedsAHost() {
    assertRefused("GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header");
    assertRefused("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 Bad Request: malformed Host header");
    assertRefused("GET / HTTP/1.1\r\nHost: a<b\r\n\r\n", "400 Bad Request: malformed Host header");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host:", "Host: h.example:8", "Host: [::1]:443", "Host: a_b"})
  void unusualHostsAreFine(String header) {
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask("GET /derp/probe HTTP/1.1\r\n" + header + "\r\n\r\n"))
          .startsWith("HTTP/1.1 200 OK\r\n");
    }
  }

  @Test
  void lenienceThatScriptsRelyOnIsKept() {
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask("GET /derp/probe HTTP/1.1\nHost: h\n\n"))
          .startsWith("HTTP/1.1 200 OK\r\n");
      assertThat(
              http.ask("\r\n\r\n" + HttpChannel.request("GET", "/derp/probe", "X: a\r\n  folded")))
          .startsWith("HTTP/1.1 200 OK\r\n");
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP/2.0", "HTTP/0.9", "HTTP/3.1"})
  void onlyHttp1IsSpoken(String version) {
    assertRefused(
        "GET / " + version + "\r\nHost: h\r\n\r\n",
        "505 HTTP Version Not Supported: unsupported protocol version");
  }

  @Test
  void anUnknownTransferEncodingIsNotImplemented() {
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask(HttpChannel.request("POST", "/", "Transfer-Encoding: gzip")))
          .startsWith("HTTP/1.1 501 Not Implemented\r\n")
          .endsWith("\r\n\r\nUnsupported transfer encoding");
    }
  }

  @Test
  void aFirstLineHasALimit() {
    String most = "GET /" + "a".repeat(HeadLimits.LINE - "GET / HTTP/1.1".length());
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask(most + " HTTP/1.1\r\nHost: h\r\n\r\n")).startsWith("HTTP/1.1 200 OK\r\n");
    }
    assertRefused(most + "a HTTP/1.1\r\nHost: h\r\n\r\n", "414 URI Too Long");
  }

  @Test
  void headersHaveALimitInAll() {
    String most =
        "X: " + "a".repeat(HeadLimits.HEADERS - "X: ".length() - "Host: h.example".length());
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask(HttpChannel.request("GET", "/derp/probe", most)))
          .startsWith("HTTP/1.1 200 OK\r\n");
      assertThat(http.ask(HttpChannel.request("GET", "/derp/probe", most + "a")))
          .isEqualTo(answer("431 Request Header Fields Too Large"));
    }
  }

  @Test
  void headersHaveALimitInNumber() {
    String[] most = new String[HeadLimits.HEADER_COUNT - 1];
    Arrays.fill(most, "X: a");
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask(HttpChannel.request("GET", "/derp/probe", most)))
          .startsWith("HTTP/1.1 200 OK\r\n");
      most[0] += "\r\nY: b";
      assertThat(http.ask(HttpChannel.request("GET", "/derp/probe", most)))
          .isEqualTo(answer("431 Request Header Fields Too Large"));
    }
  }

  @Test
  void anEndlessHeadIsHeldNoLongerThanItsLimit() {
    try (HttpChannel http = new HttpChannel()) {
      http.send("GET / HTTP/1.1\r\nHost: h\r\n");
      byte[] more = "X: ".concat("a".repeat(1021)).getBytes(StandardCharsets.US_ASCII);
      int sent = 0;
      while (http.isOpen() && http.received().isEmpty()) {
        assertThat(sent).isLessThan(HeadLimits.HEADERS + 2 * more.length);
        http.send(more);
        sent += more.length;
      }
      for (int i = 0; i < 100; i++) {
        http.send(more);
      }
      assertThat(http.received()).isEmpty();
      http.advance(1);
      assertThat(http.isOpen()).isFalse();
    }
  }

  @Test
  void answersToEarlierRequestsAreNotLostWhenALaterOneIsBad() {
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask(HttpChannel.get("/derp/probe") + "nonsense\r\n\r\n"))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .endsWith(answer("400 Bad Request"));
    }
  }
}
