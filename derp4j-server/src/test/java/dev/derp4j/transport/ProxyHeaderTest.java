package dev.derp4j.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Headers as the specification's examples and today's proxies write them.
class ProxyHeaderTest {
  static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  /// A whole header, and then every part of it followed by nothing: never a wrong answer.
  private static void expect(byte[] header, String client) throws Exception {
    byte[] more = Arrays.copyOf(header, header.length + 5);
    ProxyHeader parsed = ProxyHeader.parse(Unpooled.wrappedBuffer(more));
    assertThat(parsed).isNotNull();
    assertThat(parsed.length()).isEqualTo(header.length);
    String address =
        parsed.client() == null ? "none" : NetUtil.toSocketAddressString(parsed.client());
    assertThat(address).isEqualTo(client);
    for (int length = 0; length < header.length; length++) {
      ByteBuf part = Unpooled.wrappedBuffer(header, 0, length);
      assertThat(ProxyHeader.parse(part)).as("%d bytes", length).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443, 192.0.2.7:40000",
    "PROXY TCP6 2001:db8::7 ::1 65535 0, [2001:db8::7]:65535",
    "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
        + " 65535 65535, [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
    "PROXY UNKNOWN, none",
    "PROXY UNKNOWN whatever else 1 2 3, none"
  })
  void aLineOfVersion1(String line, String client) throws Exception {
    expect((line + "\r\n").getBytes(StandardCharsets.US_ASCII), client);
  }

  @ParameterizedTest
  @CsvSource({
    "2111000c c0000207 c6336401 9c40 01bb, 192.0.2.7:40000",
    // With TLVs: a unique id and an ALPN.
    "21110017 c0000207 c6336401 9c40 01bb 05000301 0203 0100026832, 192.0.2.7:40000",
    "21210024 20010db8000000000000000000000007 00000000000000000000000000000001 ffff 0000,"
        + " [2001:db8::7]:65535",
    "20000000, none",
    "2011000c c0000207 c6336401 9c40 01bb, none",
    "21000000, none",
    "21000003 010203, none",
    "2112000c c0000207 c6336401 9c40 01bb, none"
  })
  void aHeaderOfVersion2(String hex, String client) throws Exception {
    expect(ByteBufUtil.decodeHexDump(SIGNATURE + hex.replace(" ", "")), client);
  }

  @Test
  void aUnixSocketTellsNoAddress() throws Exception {
    expect(ByteBufUtil.decodeHexDump(SIGNATURE + "213100d8" + "2f".repeat(216)), "none");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443 1\r\n",
        "PROXY TCP4  192.0.2.7 198.51.100.1 40000 443\r\n",
        "PROXY TCP4 192.0.2 198.51.100.1 40000 443\r\n",
        "PROXY TCP4 2001:db8::7 ::1 40000 443\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 40000 443\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 40000 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 040 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 40000 443\r\n",
        "PROXY UNKNOWN\n",
        "PROXY \r\n",
        "PROXY  TCP4\r\n",
        "proxy TCP4 192.0.2.7 198.51.100.1 40000 443\r\n"
      })
  void otherLinesAreNone(String line) {
    assertThatThrownBy(
            () -> ProxyHeader.parse(Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII)))
        .isInstanceOf(ProxyHeader.MalformedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1111000c", "2211000c", "2f11000c", "2111000b", "21210023", "2111ffff"})
  void otherHeadsOfVersion2AreRefusedByThemselves(String head) {
    assertThatThrownBy(
            () ->
                ProxyHeader.parse(
                    Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(SIGNATURE + head))))
        .isInstanceOf(ProxyHeader.MalformedException.class);
  }

  @Test
  void aLineWithoutAnEndIsNotWaitedForLongerThanALineCanBe() throws Exception {
    String line = "PROXY UNKNOWN " + "x".repeat(92);
    assertThat(ProxyHeader.parse(Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII))).isNull();
    assertThatThrownBy(
            () -> ProxyHeader.parse(Unpooled.copiedBuffer(line + "x", StandardCharsets.US_ASCII)))
        .isInstanceOf(ProxyHeader.MalformedException.class);
  }
}
