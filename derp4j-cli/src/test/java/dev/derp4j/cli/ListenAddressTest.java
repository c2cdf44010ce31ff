package dev.derp4j.cli;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ListenAddressTest {

  @ParameterizedTest
  @CsvSource({
    ":443, '', 443",
    ":0, '', 0",
    ":https, '', 443",
    "127.0.0.1:http, 127.0.0.1, 80",
    "127.0.0.1:8080, 127.0.0.1, 8080",
    "[::1]:3340, ::1, 3340",
    "localhost:3340, localhost, 3340",
  })
  void theFormsOfTheOriginalAreRead(String text, String host, int port) throws StartException {
    assertThat(ListenAddress.parse(text)).isEqualTo(new ListenAddress(host, port));
  }

  @ParameterizedTest
  @CsvSource({
    "8080, missing port",
    "127.0.0.1, missing port",
    "'', missing port",
    "::1, 'an IPv6 address needs brackets, as in [::1]:443'",
    "::1:443, 'an IPv6 address needs brackets, as in [::1]:443'",
    ":, the port is no number between 0 and 65535",
    ":65536, the port is no number between 0 and 65535",
    ":-1, the port is no number between 0 and 65535",
    ":smtp, the port is no number between 0 and 65535",
    ":99999999999, the port is no number between 0 and 65535",
  })
  void anythingElseIsRefusedInOneLine(String text, String why) {
    assertThatThrownBy(() -> ListenAddress.parse(text))
        .isInstanceOf(StartException.class)
        .hasMessage("invalid listen address \"" + text + "\": " + why);
  }

  @Test
  void withoutAHostAllAddressesAreMeant() throws StartException {
    assertThat(ListenAddress.parse(":1").resolve().getAddress().isAnyLocalAddress()).isTrue();
    assertThat(ListenAddress.parse("[::]:1").resolve().getAddress().isAnyLocalAddress()).isTrue();
  }

  @Test
  void aNameWithoutAnAddressIsRefusedInOneLine() throws StartException {
    ListenAddress address = ListenAddress.parse("no-such-host.invalid:1");
    assertThatThrownBy(address::resolve)
        .isInstanceOf(StartException.class)
        .hasMessage("cannot resolve listen address \"no-such-host.invalid\"");
  }
}
