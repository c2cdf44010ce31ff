package dev.derp4j.stunserver;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SocketNamesTest {
  @Test
  void addressesAreNumericAndShort() {
    assertThat(SocketNames.text(TestClient.at("192.0.2.1", 3478))).isEqualTo("192.0.2.1:3478");
    assertThat(SocketNames.text(TestClient.at("::", 1))).isEqualTo("[::]:1");
    assertThat(SocketNames.text(TestClient.at("2001:db8:0:0:1:0:0:5", 1)))
        .isEqualTo("[2001:db8::1:0:0:5]:1");
  }

  @Test
  void aZoneIsKept() throws IOException {
    byte[] bytes = TestClient.at("fe80::1", 0).getAddress().getAddress();
    InetSocketAddress zoned = new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 77), 5);
    assertThat(SocketNames.text(zoned)).isEqualTo("[fe80::1%77]:5");
  }

  @Test
  void aWildcardIsLeftOutOfAFailure() {
    assertThat(SocketNames.listenFailure(new InetSocketAddress(3478), "no"))
        .isEqualTo("stun: listen udp :3478: no");
    assertThat(SocketNames.listenFailure(TestClient.at("::1", 3478), "no"))
        .isEqualTo("stun: listen udp [::1]:3478: no");
  }
}
