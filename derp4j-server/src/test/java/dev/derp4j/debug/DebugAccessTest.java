package dev.derp4j.debug;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DebugAccessTest {
  private static final String STRANGER = "192.0.2.7";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.200.3.4",
        "::1",
        "100.64.0.0",
        "100.127.255.255",
        "100.115.91.255",
        "100.115.94.0",
        "fd7a:115c:a1e0::1",
        "fd7a:115c:a1e0:ffff::1"
      })
  void loopbackAndTheTailnetMayLook(String ip) {
    assertThat(allows(Map.of(), ip)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        STRANGER,
        "10.0.0.1",
        "100.63.255.255",
        "100.128.0.0",
        "100.115.92.0",
        "100.115.93.255",
        "fd7a:115c:a1e1::1",
        "2001:db8::1",
        "::"
      })
  void nobodyElseMayLook(String ip) {
    assertThat(allows(Map.of(), ip)).isFalse();
  }

  @Test
  void aProxysAddressSaysNothingAboutTheAsker() {
    DebugAccess access = new DebugAccess(Map.of("TS_ALLOW_DEBUG_IP", STRANGER));

    assertThat(access.allows(asker("127.0.0.1", "GET", "", true))).isFalse();
    assertThat(access.allows(asker(STRANGER, "GET", "", true))).isFalse();
  }

  @Test
  void theAllowedAddressMayLook() {
    assertThat(allows(Map.of("TS_ALLOW_DEBUG_IP", STRANGER), STRANGER)).isTrue();
    assertThat(allows(Map.of("TS_ALLOW_DEBUG_IP", "2001:db8::1"), "2001:db8:0:0::1")).isTrue();
    assertThat(allows(Map.of("TS_ALLOW_DEBUG_IP", STRANGER), "192.0.2.8")).isFalse();
    assertThat(allows(Map.of("TS_ALLOW_DEBUG_IP", "not an address"), STRANGER)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"192.0.2.0/24", " 10.0.0.0/8 , 192.0.2.99/24 ,,", "0.0.0.0/0", "192.0.2.7/32"})
  void trustedRangesMayLook(String ranges) {
    assertThat(allows(Map.of("TS_DEBUG_TRUSTED_CIDRS", ranges), STRANGER)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.3.0/24", "192.0.2.6/32", "::/0", "", ","})
  void otherRangesDoNotHelp(String ranges) {
    assertThat(allows(Map.of("TS_DEBUG_TRUSTED_CIDRS", ranges), STRANGER)).isFalse();
  }

  @Test
  void rangesHoldToTheirLastBit() {
    Map<String, String> environment = Map.of("TS_DEBUG_TRUSTED_CIDRS", "2001:db8:0:fff0::/61");

    assertThat(allows(environment, "2001:db8:0:fff7::1")).isTrue();
    assertThat(allows(environment, "2001:db8:0:fff8::1")).isFalse();
    assertThat(allows(environment, "2001:db8:0:ffe7::1")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0",
        "10/8",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/",
        "::1/129",
        "fe80::1%eth0/64",
        "host/8",
        "10.0.0.0/8;",
        "/8"
      })
  void aRangeThatIsNoneIsOneClearLineAtTheStart(String bad) {
    assertThatThrownBy(() -> new DebugAccess(Map.of("TS_DEBUG_TRUSTED_CIDRS", "10.0.0.0/8," + bad)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("invalid CIDR in TS_DEBUG_TRUSTED_CIDRS: \"" + bad + "\": ")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"debugkey=s3cret%2bkey", "a=%zz&b&debugkey=s3cret%2Bkey&c=1"})
  void theKeyOpensToAnyone(String query) throws IOException {
    DebugAccess access = withKey(" s3cret+key\n");

    assertThat(access.allows(asker(STRANGER, "GET", query, false))).isTrue();
    assertThat(access.allows(asker(STRANGER, "GET", query, true))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "debugkey=",
        "debugkey",
        "debugkey=s3cret",
        "debugkey=s3cret+key",
        "debugkey=s3cret%2bkeyy",
        "debugkey=S3CRET%2bkey",
        "debugkey=wrong&debugkey=s3cret%2bkey",
        "debugkey=s3cret%2bkey;x",
        "Debugkey=s3cret%2bkey"
      })
  void nothingButTheKeyOpens(String query) throws IOException {
    DebugAccess access = withKey("s3cret+key");

    assertThat(access.allows(asker(STRANGER, "GET", query, false))).isFalse();
  }

  @Test
  void theKeyOpensWithGetOnly() throws IOException {
    DebugAccess access = withKey("key");

    assertThat(access.allows(asker(STRANGER, "HEAD", "debugkey=key", false))).isFalse();
    assertThat(access.allows(asker(STRANGER, "POST", "debugkey=key", false))).isFalse();
  }

  @Test
  void aNewKeyNeedsNoRestart() throws IOException {
    DebugAccess access = withKey("old");
    Files.writeString(directory.resolve("key"), "new");

    assertThat(access.allows(asker(STRANGER, "GET", "debugkey=old", false))).isFalse();
    assertThat(access.allows(asker(STRANGER, "GET", "debugkey=new", false))).isTrue();
  }

  @Test
  void aKeyFileThatIsEmptyOrMissingOrNoFileOpensNothing() throws IOException {
    assertThat(withKey(" \n").allows(asker(STRANGER, "GET", "debugkey=%20", false))).isFalse();

    for (String path : List.of(directory + "/none", directory.toString(), "/dev/zero")) {
      DebugAccess access = new DebugAccess(Map.of("TS_DEBUG_KEY_PATH", path));
      assertThat(access.allows(asker(STRANGER, "GET", "debugkey=key", false))).isFalse();
    }
  }

  @Test
  void whoHasNoAddressNeedsAKey() throws IOException {
    DebugAccess access = withKey("key");

    assertThat(access.allows(new DebugAccess.Asker(null, "GET", "", false))).isFalse();
    assertThat(access.allows(new DebugAccess.Asker(null, "GET", "debugkey=key", false))).isTrue();
  }

  private DebugAccess withKey(String key) throws IOException {
    Path file = Files.writeString(directory.resolve("key"), key);
    return new DebugAccess(Map.of("TS_DEBUG_KEY_PATH", file.toString()));
  }

  private static boolean allows(Map<String, String> environment, String ip) {
    return new DebugAccess(environment).allows(asker(ip, "GET", "", false));
  }

  private static DebugAccess.Asker asker(String ip, String method, String query, boolean proxied) {
    return new DebugAccess.Asker(InetAddress.ofLiteral(ip), method, query, proxied);
  }
}
