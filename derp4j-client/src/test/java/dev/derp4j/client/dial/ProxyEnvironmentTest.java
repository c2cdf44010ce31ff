package dev.derp4j.client.dial;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ProxyEnvironmentTest {
  private static final String PROXY = "http://user:pass@proxy.example:3128";

  @ParameterizedTest
  @CsvSource({
    "*, a.example, true",
    "b.example, a.example, false",
    "example, a.example, true",
    "example, example, true",
    ".example, example, false",
    "*.example, a.example, true",
    "' x, A.Example ', a.example, true",
    "ample, a.example, false",
    "a.example:443, a.example, true",
    "a.example:444, a.example, false",
    "10.0.0.0/8, 10.9.8.7, true",
    "10.0.0.0/8, 11.9.8.7, false",
    "10.0.0.0/33, 10.0.0.0, false",
    "2001:db8::/32, [2001:db8::7], true",
    "2001:db8::7, [2001:db8::7], true",
    "10.9.8.7:443, 10.9.8.7, true",
    "10.9.8.7:80, 10.9.8.7, false",
    "'', localhost, true",
    "'', 127.8.0.1, true",
    "'', [::1], true",
    "'', a.example, false",
  })
  void noProxyNamesWhatIsDialledDirectly(String list, String host, boolean direct) {
    var environment = new ProxyEnvironment(Map.of("HTTPS_PROXY", PROXY, "NO_PROXY", list));
    assertThat(environment.proxyFor(URI.create("https://" + host + "/derp")).isEmpty())
        .isEqualTo(direct);
  }

  @Test
  void eachSchemeHasItsVariableInUpperOrLowerCase() {
    var environment =
        new ProxyEnvironment(
            Map.of("https_proxy", PROXY, "HTTP_PROXY", "plain:80", "http_proxy", "other:80"));
    assertThat(environment.proxyFor(URI.create("https://a.example"))).contains(URI.create(PROXY));
    assertThat(environment.proxyFor(URI.create("http://a.example")))
        .contains(URI.create("http://plain:80"));
    assertThat(environment.proxyFor(URI.create("ftp://a.example"))).isEmpty();
  }

  @Test
  void aCgiProgramDoesNotTakeItsProxyFromAHeader() {
    var environment =
        new ProxyEnvironment(
            Map.of("HTTP_PROXY", PROXY, "HTTPS_PROXY", PROXY, "REQUEST_METHOD", "GET"));
    assertThatThrownBy(() -> environment.proxyFor(URI.create("http://a.example")))
        .hasMessage("HTTP_PROXY is not used in a CGI program");
    assertThat(environment.proxyFor(URI.create("https://a.example"))).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"socks5://u:secret@p:1", "http://u:secret@p p/", "https://"})
  void aProxyThatCannotBeUsedIsAnErrorWithoutItsPassword(String proxy) {
    var environment = new ProxyEnvironment(Map.of("HTTPS_PROXY", proxy));
    assertThatThrownBy(() -> environment.proxyFor(URI.create("https://a.example")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .hasMessage("HTTPS_PROXY is not the URL of an HTTP or HTTPS proxy");
    assertThat(environment.toString()).doesNotContain("secret");
  }
}
