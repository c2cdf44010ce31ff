package dev.derp4j.http;

import dev.derp4j.debug.DebugAccess;
import java.net.SocketAddress;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// What is answered to which path; the expected heads were recorded from the original.
class SiteTest {
  private static final String POLICY =
      "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'self';"
          + " block-all-mixed-content; object-src 'none'";
  private static final String AROUND =
      crlf(
          """
          Strict-Transport-Security: max-age=63072000; includeSubDomains
          X-Content-Type-Options: nosniff
          X-Frame-Options: DENY
          """);
  private static final String BROWSER = "Content-Security-Policy: " + POLICY + "\r\n" + AROUND;

  private static String crlf(String lines) {
    return lines.replace("\n", "\r\n");
  }

  private static String ask(String request) {
    return ask(HttpSite.Mode.DERP_PLAIN, HttpChannel.LOOPBACK, site -> site, request);
  }

  private static String ask(
      HttpSite.Mode mode, SocketAddress remote, UnaryOperator<HttpSite.Builder> site, String text) {
    try (HttpChannel http = new HttpChannel(mode, remote, site)) {
      return http.ask(text)
          .replaceFirst("Date: [A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} [0-9:]{8} GMT\r\n", "");
    }
  }

  private static String get(String target, String... headers) {
    return HttpChannel.request("GET", target, headers);
  }

  private static String error(String status, String body) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
        + ("Content-Length: " + (body.length() + 1) + "\r\n\r\n" + body + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/derp/probe", "/derp/latency-check", "/%64erp/probe"})
  void latencyProbesAreAnsweredEmptyAndForScriptsOfAnyOrigin(String path) {
    assertThat(ask(get(path)))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n");
    assertThat(ask(HttpChannel.request("HEAD", path)))
        .isEqualTo("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
    assertThat(ask(HttpChannel.request("POST", path)))
        .isEqualTo(error("405 Method Not Allowed", "bogus probe method"));
  }

  @Test
  void derpWithoutAnUpgradeIsToldWhatIsNeeded() {
    assertThat(ask(get("/derp")))
        .isEqualTo(error("426 Upgrade Required", "DERP requires connection upgrade"));
  }

  @Test
  void robotsAreKeptOut() {
    assertThat(ask(get("/robots.txt")))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\n"
                + BROWSER
                + "Content-Length: 26\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                + "User-agent: *\nDisallow: /\n");
    assertThat(ask(HttpChannel.request("HEAD", "/robots.txt"))).endsWith("charset=utf-8\r\n\r\n");
  }

  @Test
  void bootstrapDnsWithoutNamesIsEmptyAndTheEndOfItsConnection() {
    try (HttpChannel http = new HttpChannel()) {
      assertThat(http.ask(get("/bootstrap-dns?q=login.example")))
          .startsWith("HTTP/1.1 200 OK\r\nConnection: close\r\n")
          .contains("\r\nContent-Type: application/json\r\n")
          .endsWith("Content-Length: 0\r\n\r\n");
      assertThat(http.isOpen()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abc",
        "a_b-c.D:9",
        "0123456789012345678901234567890123456789012345678901234567890123"
      })
  void aChallengeIsAnsweredSoThatNoPortalCanFakeIt(String challenge) {
    for (HttpSite.Mode mode : HttpSite.Mode.values()) {
      assertThat(
              ask(
                  mode,
                  HttpChannel.STRANGER,
                  site -> site,
                  get("/generate_204?x", "X-Tailscale-Challenge: " + challenge)))
          .isEqualTo(
              "HTTP/1.1 204 No Content\r\n"
                  + "Cache-Control: no-cache, no-store, must-revalidate, no-transform, max-age=0\r\n"
                  + ("X-Tailscale-Response: response " + challenge + "\r\n\r\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "a/b",
        "é",
        "01234567890123456789012345678901234567890123456789012345678901234"
      })
  void aChallengeThatCouldBeMoreThanThatIsNot(String challenge) {
    assertThat(ask(get("/generate_204", "X-Tailscale-Challenge: " + challenge)))
        .startsWith("HTTP/1.1 204 No Content\r\n")
        .doesNotContain("X-Tailscale-Response");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/x", "/derp/", "/derp/x", "/derp%2Fprobe", "/debugger", "/?a=%zz"})
  void everyOtherPathIsTheHomePage(String path) {
    assertThat(ask(get(path)))
        .startsWith(
            "HTTP/1.1 200 OK\r\nContent-Security-Policy: "
                + (POLICY + "\r\nContent-Type: text/html; charset=utf-8\r\n" + AROUND))
        .contains("DERP relay", "href=\"/debug/\"")
        .endsWith("</html>\n");
  }

  @Test
  void theHomePageShowsEachReaderWhatIsForThem() {
    String stranger =
        ask(
            HttpSite.Mode.DERP_PLAIN,
            HttpChannel.STRANGER,
            site -> site.hostname("relay.example").derpEnabled(false),
            get("/"));
    String companys =
        ask(
            HttpSite.Mode.DERP_PLAIN,
            HttpChannel.STRANGER,
            site -> site.hostname("derp7b.tailscale.com"),
            get("/"));

    assertThat(stranger).contains("disabled").doesNotContain("/debug/", "mailto:");
    assertThat(companys).contains("mailto:").doesNotContain("disabled");
  }

  @Test
  void theHomePageCanBeBlankOrElsewhere() {
    assertThat(
            ask(
                HttpSite.Mode.DERP_PLAIN,
                HttpChannel.LOOPBACK,
                site -> site.home("blank"),
                get("/x")))
        .contains("Content-Type: text/html")
        .endsWith("Content-Length: 0\r\n\r\n");
    assertThat(
            ask(
                HttpSite.Mode.DERP_PLAIN,
                HttpChannel.LOOPBACK,
                site -> site.home("https://example.com/?a&b"),
                get("/x")))
        .startsWith("HTTP/1.1 302 Found\r\n")
        .contains("Content-Security-Policy: ", "\r\nLocation: https://example.com/?a&b\r\n")
        .endsWith("\r\n\r\n<a href=\"https://example.com/?a&amp;b\">Found</a>.\n\n");
  }

  @ParameterizedTest
  @CsvSource({
    "//, /",
    "//derp, /derp",
    "/a//b?x=1, /a/b?x=1",
    "/debug/../robots.txt, /robots.txt",
    "/debug, /debug/",
    "/debug?x, /debug/?x",
    "//debug, /debug/"
  })
  void oddPathsAreRedirectedToTheirPlainForm(String path, String location) {
    String body = "<a href=\"" + location + "\">Temporary Redirect</a>.\n\n";
    String head =
        "HTTP/1.1 307 Temporary Redirect\r\nContent-Type: text/html; charset=utf-8\r\nLocation: "
            + location
            + "\r\n";

    assertThat(ask(get(path)))
        .isEqualTo(head + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    assertThat(ask(HttpChannel.request("HEAD", path))).isEqualTo(head + "\r\n");
    assertThat(ask(HttpChannel.request("POST", path))).endsWith("\r\nContent-Length: 0\r\n\r\n");
  }

  @Test
  void debugPagesAreForThoseWhoMaySeeThem() {
    String varz = ask(get("/debug/varz"));

    assertThat(varz)
        .startsWith(
            "HTTP/1.1 200 OK\r\nContent-Security-Policy: "
                + (POLICY + "; style-src 'self' 'unsafe-inline'\r\n" + AROUND))
        .contains("Content-Type: text/plain; charset=utf-8\r\n", "\nderp_accepts 0\n");
    assertThat(ask(get("/debug/")))
        .startsWith("HTTP/1.1 200 OK\r\n" + BROWSER)
        .contains("href=\"/debug/varz\"", "<b>Version:</b> 1.2.3", "<b>Mesh key:</b> false");
    assertThat(ask(get("/debug/nope"))).isEqualTo(error("404 Not Found", "404 page not found"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/debug/", "/debug/varz", "/debug/nope", "/debug/%76arz"})
  void debugPagesAreClosedToAnyoneElse(String path) {
    String refusal = error("403 Forbidden", "debug access denied");

    assertThat(ask(HttpSite.Mode.DERP_PLAIN, HttpChannel.STRANGER, site -> site, get(path)))
        .isEqualTo(refusal);
    assertThat(ask(HttpSite.Mode.PORT80, HttpChannel.STRANGER, site -> site, get(path)))
        .isEqualTo(refusal);
    assertThat(ask(get(path, "X-Forwarded-For: 127.0.0.1"))).isEqualTo(refusal);
  }

  @Test
  void aDevelopersRelaySaysHowToBeLetIn() {
    assertThat(
            ask(
                HttpSite.Mode.DERP_PLAIN,
                HttpChannel.STRANGER,
                site -> site.dev(true),
                get("/debug/varz")))
        .isEqualTo(
            error(
                "403 Forbidden",
                "debug access denied; to permit access, set TS_ALLOW_DEBUG_IP=192.0.2.7"));
  }

  @Test
  void theSettingsOfDebugAccessReachThePages() {
    UnaryOperator<HttpSite.Builder> trusting =
        site -> site.debugAccess(new DebugAccess(Map.of("TS_ALLOW_DEBUG_IP", "192.0.2.7")));

    assertThat(ask(HttpSite.Mode.DERP_PLAIN, HttpChannel.STRANGER, trusting, get("/debug/varz")))
        .startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void connectIsRefused() {
    String connect = HttpChannel.request("CONNECT", "a.example:443");

    assertThat(ask(HttpSite.Mode.DERP_TLS, HttpChannel.LOOPBACK, site -> site, connect))
        .isEqualTo(error("403 Forbidden", "CONNECT not enabled"));
    assertThat(ask(connect)).isEqualTo(error("404 Not Found", "404 page not found"));
  }

  @Test
  void anAsteriskIsForOptionsOnly() {
    assertThat(ask(HttpChannel.request("OPTIONS", "*")))
        .isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assertThat(ask(get("*")))
        .isEqualTo("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "/, https://h.example/debug/",
    "/x?y=1, https://h.example/x?y=1",
    "/derp, https://h.example/derp",
    "/derp/probe, https://h.example/derp/probe",
    "http://o.example/x, https://o.example/x",
    "/é, https://h.example/%e9"
  })
  void thePlainPortSendsPeopleToTheTlsPort(String path, String location) {
    String answer = ask(HttpSite.Mode.PORT80, HttpChannel.LOOPBACK, site -> site, get(path));

    assertThat(answer)
        .isEqualTo(
            "HTTP/1.1 302 Found\r\nContent-Type: text/html; charset=utf-8\r\nLocation: "
                + (location + "\r\nContent-Length: " + (23 + location.length()) + "\r\n\r\n")
                + ("<a href=\"" + location + "\">Found</a>.\n\n"));
  }

  @Test
  void thePlainPortServesNothingElse() {
    assertThat(ask(HttpSite.Mode.PORT80, HttpChannel.STRANGER, site -> site, get("/")))
        .contains("\r\nLocation: https://h.example/\r\n");
    assertThat(
            ask(
                HttpSite.Mode.PORT80,
                HttpChannel.LOOPBACK,
                site -> site,
                HttpChannel.request("POST", "/x")))
        .isEqualTo(error("400 Bad Request", "Use HTTPS"));
    assertThat(
            ask(
                HttpSite.Mode.PORT80,
                HttpChannel.LOOPBACK,
                site -> site,
                get("/derp", "Upgrade: DERP")))
        .startsWith("HTTP/1.1 302 Found\r\n");
    assertThat(
            ask(
                HttpSite.Mode.PORT80,
                HttpChannel.LOOPBACK,
                site -> site.hostname("relay.example"),
                "GET /x HTTP/1.0\r\n\r\n"))
        .contains("\r\nLocation: https://relay.example/x\r\n");
  }

  @Test
  void anAuthorityFindsItsChallengeOnThePlainPortAlone() {
    UnaryOperator<HttpSite.Builder> answering =
        site -> site.acmeChallenges(token -> token.equals("abc") ? "abc.xyz" : null);
    String request = get("/.well-known/acme-challenge/abc");

    assertThat(ask(HttpSite.Mode.PORT80, HttpChannel.STRANGER, answering, request))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\n\r\nabc.xyz");
    assertThat(
            ask(
                HttpSite.Mode.PORT80,
                HttpChannel.STRANGER,
                answering,
                get("/.well-known/acme-challenge/other")))
        .startsWith("HTTP/1.1 404 Not Found\r\n");
    assertThat(ask(HttpSite.Mode.PORT80, HttpChannel.STRANGER, site -> site, request))
        .startsWith("HTTP/1.1 302 Found\r\n");
    assertThat(ask(HttpSite.Mode.DERP_PLAIN, HttpChannel.STRANGER, answering, request))
        .doesNotContain("abc.xyz");
  }
}
