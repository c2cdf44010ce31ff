package dev.derp4j.mesh;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MeshTargetTest {
  @ParameterizedTest
  @CsvSource({
    "derp1.example.com, derp1.example.com, 443",
    "derp1.example.com:8443, derp1.example.com, 8443",
    "dns:8443, dns, 8443",
    "192.0.2.1, 192.0.2.1, 443",
    "[2001:db8::1]:444, 2001:db8::1, 444",
    "[2001:db8::1], 2001:db8::1, 443"
  })
  void aHostIsDialledWithTls(String entry, String host, int port) {
    assertThat(MeshTarget.parse(entry))
        .isEqualTo(new MeshTarget(entry, host, port, Optional.empty(), true, false));
    assertThat(MeshTarget.parse(entry).label()).isEqualTo(entry);
  }

  @ParameterizedTest
  @CsvSource({
    "a.example.com/10.0.0.7, a.example.com, 443, 10.0.0.7",
    "a.example.com:8443/inside, a.example.com, 8443, inside",
    "a.example.com/[fd00::7], a.example.com, 443, fd00::7",
    "a.example.com/fd00::7, a.example.com, 443, fd00::7"
  })
  void aDialHostIsDialledInsteadAndLogLinesNameTheHost(
      String entry, String host, int port, String dialHost) {
    MeshTarget target = MeshTarget.parse(entry);
    assertThat(target)
        .isEqualTo(new MeshTarget(entry, host, port, Optional.of(dialHost), true, false));
  }

  @Test
  void aNameBehindDnsStandsForAllItsAddresses() {
    MeshTarget target = MeshTarget.parse("dns:derp.svc:8443");
    assertThat(target)
        .isEqualTo(
            new MeshTarget("dns:derp.svc:8443", "derp.svc", 8443, Optional.empty(), true, true));
    assertThat(target.at("10.0.0.7").label()).isEqualTo("derp.svc/10.0.0.7");
    assertThat(target.at("10.0.0.7").port()).isEqualTo(8443);
  }

  @Test
  void aPlainUrlIsDialledWithoutTls() {
    assertThat(MeshTarget.parse("http://localhost:3340"))
        .isEqualTo(
            new MeshTarget(
                "http://localhost:3340", "localhost", 3340, Optional.empty(), false, false));
    assertThat(MeshTarget.parse("http://localhost:3340").label())
        .isEqualTo("http://localhost:3340");
  }

  @ParameterizedTest
  @CsvSource({
    "'', no host",
    "a/b/c, too many components",
    "https://a, too many components",
    "a:b, bad port",
    "a:0, bad port",
    "a:65536, bad port",
    "a:99999999999, bad port",
    "'a b', no host name or address",
    "a/, what is behind the slash is no host",
    "a/b:443, what is behind the slash is no host",
    "2001:db8::1, an IPv6 address wants brackets",
    "dns:, no host",
    "http://a/b, no host name or address"
  })
  void anythingElseIsRefusedInOneLineThatNamesIt(String entry, String why) {
    assertThatThrownBy(() -> MeshTarget.parse(entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("mesh host \"" + entry + "\": ")
        .hasMessageContaining(why)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void aListIsPartedByCommasAndAFileByLinesToo() {
    assertThat(MeshTarget.parseList("a,b/c"))
        .extracting(MeshTarget::text)
        .containsExactly("a", "b/c");
    assertThatThrownBy(() -> MeshTarget.parseList("a,,b")).hasMessageContaining("no host");
    assertThat(MeshTarget.parseFile("# nodes\na\n\n b , dns:c # all\r\n"))
        .extracting(MeshTarget::text)
        .containsExactly("a", "b", "dns:c");
    assertThat(MeshTarget.parseFile("")).isEmpty();
  }
}
