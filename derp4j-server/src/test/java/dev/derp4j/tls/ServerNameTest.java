package dev.derp4j.tls;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class ServerNameTest {
  @ParameterizedTest
  @CsvSource({
    "derp.example.com, derp.example.com",
    "Derp.Example.com, Derp.Example.com",
    "192.0.2.7, 192.0.2.7",
    "2001:db8::1, 2001db81",
    "../../etc/passwd, ....etcpasswd",
    "with space_and_more, withspaceandmore"
  })
  void files_are_named_after_the_hostname_without_unsafe_characters(String hostname, String stem)
      throws Exception {
    assertThat(ServerName.of(hostname).fileStem()).isEqualTo(stem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"192.0.2.7", "0.0.0.0", "::1", "2001:DB8::1", "[2001:db8::1]", "::ffff:192.0.2.7"})
  void an_address_is_told_from_a_name(String hostname) throws Exception {
    assertThat(ServerName.of(hostname).isAddress()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "derp.example.com",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.07",
        "1",
        "fe80::1%eth0",
        "1::2::3",
        "192.0.2.7.example.com"
      })
  void a_name_is_told_from_an_address(String hostname) throws Exception {
    assertThat(ServerName.of(hostname).isAddress()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "derp.example.com, derp.example.com, true",
    "derp.example.com, DERP.example.COM, true",
    "derp.example.com, derp.example.com., true",
    "Derp.Example.com., derp.example.com, true",
    "derp.example.com, example.com, false",
    "derp.example.com, xderp.example.com, false",
    "derp.example.com, derp.example.com.., false",
    "derp.example.com, '', false",
    "derp.example.com, , false",
    "192.0.2.7, , true",
    "192.0.2.7, derp.example.com, true"
  })
  void a_name_serves_itself_alone_and_an_address_everybody(
      String hostname, String requested, boolean served) throws Exception {
    assertThat(ServerName.of(hostname).serves(requested)).isEqualTo(served);
  }

  @Test
  void nothing_is_no_hostname() {
    assertThatThrownBy(() -> ServerName.of(""))
        .isInstanceOf(TlsConfigException.class)
        .hasMessageContaining("hostname");
  }
}
