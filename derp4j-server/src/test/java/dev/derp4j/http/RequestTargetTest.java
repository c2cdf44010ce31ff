package dev.derp4j.http;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RequestTargetTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/derp, /derp",
    "/derp/, /derp/",
    "//, /",
    "//derp, /derp",
    "/a//b, /a/b",
    "/a/../derp, /derp",
    "/.., /",
    "/../../x, /x",
    "/./derp/probe, /derp/probe",
    "/a/., /a",
    "/a/./, /a/",
    "/a/b/.., /a",
    "/a/b/../, /a/",
    "/.well-known/x, /.well-known/x",
    "/a.b/..c, /a.b/..c",
    "/..., /..."
  })
  void pathsAreCleanedAsTheOriginalDoesBeforeItRedirects(String path, String clean) {
    assertThat(parse("GET", path).orElseThrow().cleanPath()).isEqualTo(clean);
  }

  @ParameterizedTest
  @CsvSource({
    "/%64erp, /derp",
    "/derp%2fprobe, /derp%2Fprobe",
    "/derp%2Fprobe, /derp%2Fprobe",
    "/%25, /%",
    "/%C3%a9, /Ã©"
  })
  void pathsAreDecodedButForEscapedSlashes(String path, String decoded) {
    assertThat(parse("GET", path).orElseThrow().decodedPath()).isEqualTo(decoded);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "derp", "/%zz", "/%", "/%1", "/%1g", "/a b", "/\u007f", "/\t", "?x", "://x", "x:y"
      })
  void whatIsNoTargetIsRefused(String text) {
    assertThat(parse("GET", text)).isEmpty();
  }

  @Test
  void theQueryIsCutOffAndNotLookedAt() {
    RequestTarget target = parse("GET", "/a?b=%zz?c#d").orElseThrow();

    assertThat(target.path()).isEqualTo("/a");
    assertThat(target.query()).isEqualTo("?b=%zz?c#d");
    assertThat(target.queryText()).isEqualTo("b=%zz?c#d");
  }

  @ParameterizedTest
  @CsvSource({
    "http://other.example/derp, other.example, /derp, ''",
    "http://other.example, other.example, /, ''",
    "http://other.example?x, other.example, /, ?x",
    "HTTPS://user@other.example:8/a?b, other.example:8, /a, ?b",
    "http:///x, '', /x, ''"
  })
  void anAbsoluteTargetHasAHostOfItsOwn(String text, String host, String path, String query) {
    assertThat(parse("GET", text).orElseThrow())
        .isEqualTo(new RequestTarget(RequestTarget.Form.ABSOLUTE, host, path, query));
  }

  @Test
  void onlyConnectHasAnAuthorityForATarget() {
    assertThat(parse("CONNECT", "a.example:443").orElseThrow().form())
        .isEqualTo(RequestTarget.Form.AUTHORITY);
    assertThat(parse("GET", "a.example:443")).isEmpty();
  }

  private static Optional<RequestTarget> parse(String method, String text) {
    return RequestTarget.parse(method, text);
  }
}
