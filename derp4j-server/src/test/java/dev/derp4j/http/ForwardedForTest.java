package dev.derp4j.http;

import dev.derp4j.debug.AddressRanges;
import dev.derp4j.transport.ClientAddress;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Who a client is said to be, seen through what is done with it: `/bootstrap-dns`, debug pages,
/// and the address that a DERP connection gets.
class ForwardedForTest {
  private static final String PROXIES = "192.0.2.0/24,127.0.0.0/8,fd00::/8";

  private static HttpChannel channel(String remote) {
    return new HttpChannel(
        HttpSite.Mode.DERP_PLAIN,
        HttpChannel.address(remote),
        site -> site.trustForwardedFor(AddressRanges.parse(PROXIES)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "198.51.100.9 | 203.0.113.5 | 198.51.100.9:40000",
        "192.0.2.7 | 203.0.113.5 | 203.0.113.5:0",
        "192.0.2.7 | 127.0.0.1, 203.0.113.5 | 203.0.113.5:0",
        "192.0.2.7 | 198.51.100.1, 203.0.113.5, 192.0.2.9 | 203.0.113.5:0",
        "192.0.2.7 | 203.0.113.5:4000 | 203.0.113.5:0",
        "192.0.2.7 | 2001:db8::5 | [2001:db8::5]:0",
        "192.0.2.7 | [2001:db8::5]:4000 | [2001:db8::5]:0",
        "192.0.2.7 | ::ffff:203.0.113.5 | 203.0.113.5:0",
        "192.0.2.7 | 192.0.2.9 | 192.0.2.9:0",
        "192.0.2.7 | unknown | 192.0.2.7:40000",
        "192.0.2.7 | fe80::1%eth0 | 192.0.2.7:40000",
        "192.0.2.7 | [ | 192.0.2.7:40000",
        "192.0.2.7 | '203.0.113.5, ' | 203.0.113.5:0",
        "192.0.2.7 | rubbish, 192.0.2.9 | 192.0.2.9:0",
      })
  void theLastStrangerInTheListIsTheClient(String remote, String header, String client) {
    try (HttpChannel http = channel(remote)) {
      http.send(HttpChannel.request("GET", "/derp", "Upgrade: DERP", "X-Forwarded-For: " + header));

      InetSocketAddress address = (InetSocketAddress) ClientAddress.of(http.channel).address();
      assertThat(NetUtil.toSocketAddressString(address)).isEqualTo(client);
    }
  }

  @Test
  void severalHeadersAreOneList() {
    try (HttpChannel http = channel("192.0.2.7")) {
      http.send(
          HttpChannel.request(
              "GET",
              "/derp",
              "Upgrade: DERP",
              "X-Forwarded-For: 203.0.113.5",
              "X-Forwarded-For: 192.0.2.9"));

      assertThat(ClientAddress.of(http.channel).ip())
          .isEqualTo(InetAddress.ofLiteral("203.0.113.5"));
    }
  }

  /// Whoever can write the header could choose such an address.
  @ParameterizedTest
  @CsvSource({"127.0.0.1, 127.0.0.1", "192.0.2.7, 127.0.0.1", "127.0.0.1, 100.100.1.1"})
  void noHeaderOpensTheDebugPages(String remote, String header) {
    try (HttpChannel http = channel(remote)) {
      assertThat(http.ask(HttpChannel.request("GET", "/debug/", "X-Forwarded-For: " + header)))
          .startsWith("HTTP/1.1 403 ");
    }
  }
}
