package dev.derp4j.handshake;

import dev.derp4j.key.MeshKey;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class InfosTest {
  private static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aFullClientInfoRoundTrips() throws HandshakeException {
    ClientInfo info =
        new ClientInfo(2, true, true, "a \"tool\" \\ <&>", Optional.of(MeshKey.generate()));
    assertThat(ClientInfo.parse(info.toJson())).isEqualTo(info);
  }

  @Test
  void anEmptyClientInfoSaysNothing() throws HandshakeException {
    ClientInfo nothing = new ClientInfo(0, false, false, "", Optional.empty());
    assertThat(ClientInfo.parse(json("{}"))).isEqualTo(nothing);
    assertThat(ClientInfo.parse(json("null"))).isEqualTo(nothing);
    assertThat(nothing.toJson()).isEqualTo(json("{\"CanAckPings\":false}"));
  }

  @Test
  void fieldsStandInTheOriginalsOrder() {
    String mesh = "ab".repeat(32);
    ClientInfo info = new ClientInfo(2, true, true, "tool", Optional.of(MeshKey.parse(mesh)));
    assertThat(info.toJson())
        .isEqualTo(
            json(
                "{\"meshKey\":\""
                    + mesh
                    + "\",\"version\":2,\"CanAckPings\":true,\"IsProber\":true,\"AppName\":\"tool\"}"));
  }

  @Test
  void aServerInfoRoundTripsWithAndWithoutLimits() throws HandshakeException {
    ServerInfo limited = new ServerInfo(2, OptionalLong.of(125_000), OptionalLong.of(65_568));
    assertThat(ServerInfo.parse(limited.toJson())).isEqualTo(limited);
    assertThat(limited.toJson())
        .isEqualTo(
            json(
                "{\"version\":2,\"TokenBucketBytesPerSecond\":125000,\"TokenBucketBytesBurst\":65568}"));
    assertThat(ServerInfo.parse(ServerInfo.plain().toJson())).isEqualTo(ServerInfo.plain());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"AppName\":\"a\\nderp: forged\"}|invalid AppName \"a\\x0aderp: forged\"",
        "{\"AppName\":\"\\u001b[31m\"}|invalid AppName \"\\x1b[31m\"",
        "{\"AppName\":\"\\\"\\\\é\\u2028😀\"}|invalid AppName \"\\\"\\\\\\u00e9\\u2028\\U0001f600\"",
        "{\"AppName\":5}|ClientInfo field AppName is no text",
        "{\"version\":\"2\"}|ClientInfo field version is no integer",
        "{\"version\":99999999999999999999}|ClientInfo field version is no 64-bit integer",
        "{\"CanAckPings\":1}|ClientInfo field CanAckPings is neither true nor false",
        "{\"meshKey\":\"abc\"}|ClientInfo field meshKey is not 64 hexadecimal digits",
        "[]|ClientInfo is no JSON object",
        "{} {}|ClientInfo has something behind its JSON object",
        "{\"a\":?}|ClientInfo is no valid JSON at character 5",
      })
  void anErrorIsOneLineThatNamesTheMistake(String document, String message) {
    assertThatThrownBy(() -> ClientInfo.parse(json(document)))
        .isInstanceOf(HandshakeException.class)
        .hasMessage(message);
  }

  @Test
  void anErrorShowsFortyCharactersOfALongAppName() {
    assertThatThrownBy(
            () -> ClientInfo.parse(json("{\"AppName\":\"" + "n".repeat(100_000) + "\"}")))
        .hasMessage("invalid AppName \"" + "n".repeat(40) + "\"");
  }

  @Test
  void anErrorNeverShowsAMeshKey() {
    String almost = "0123456789abcdef".repeat(4).substring(1) + "x";
    assertThatThrownBy(() -> ClientInfo.parse(json("{\"meshKey\":\"" + almost + "\"}")))
        .message()
        .doesNotContain("0123");
    assertThatThrownBy(() -> ClientInfo.parse(json("{\"meshKey\":\"" + almost)))
        .message()
        .doesNotContain("0123");
    assertThat(
            new ClientInfo(
                    2, true, false, "", Optional.of(MeshKey.parse("0123456789abcdef".repeat(4))))
                .toString())
        .doesNotContain("0123");
  }

  @Test
  void anErrorHasNoStackTrace() {
    assertThatThrownBy(() -> ClientInfo.parse(json("[")))
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  @Test
  void appNamesAreUpTo32PrintableAsciiCharacters() {
    assertThat(ClientInfo.isValidAppName("")).isTrue();
    assertThat(ClientInfo.isValidAppName(" ~".repeat(16))).isTrue();
    assertThat(ClientInfo.isValidAppName("n".repeat(33))).isFalse();
    assertThat(ClientInfo.isValidAppName("\u001f")).isFalse();
    assertThat(ClientInfo.isValidAppName("\u007f")).isFalse();
    assertThat(ClientInfo.isValidAppName("é")).isFalse();
  }

  /// A quarter of a mebibyte of any one thing must neither take long nor overflow a stack.
  @Test
  void theLargestDocumentsOfOneKindEndQuickly() {
    int size = 256 * 1024;
    for (String document :
        new String[] {
          "[".repeat(size),
          "{\"a\":".repeat(size / 5),
          "{\"" + "k".repeat(size) + "\":1}",
          "{\"a\":" + "9".repeat(size) + "}",
          "{\"version\":" + "9".repeat(size) + "}",
          "{\"AppName\":\"" + "\\u0041".repeat(size / 6) + "\"}",
          " ".repeat(size),
        }) {
      long start = System.nanoTime();
      try {
        ClientInfo.parse(json(document));
      } catch (HandshakeException expected) {
        assertThat(expected.getMessage()).hasSizeLessThan(200);
      }
      assertThat((System.nanoTime() - start) / 1_000_000)
          .as("ms for %s…", document.substring(0, 12))
          .isLessThan(2_000);
    }
  }
}
