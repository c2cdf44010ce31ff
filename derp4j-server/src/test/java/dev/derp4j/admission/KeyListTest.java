package dev.derp4j.admission;

import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.limits.ClientLimits;
import dev.derp4j.reload.ReloadException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KeyListTest {
  private final NodePublicKey alice = NodePrivateKey.generate().publicKey();
  private final NodePublicKey bob = NodePrivateKey.generate().publicKey();

  @TempDir Path directory;

  @Test
  void keysStandOneALineWithCommentsAndBlanksAsOneLikes() throws Exception {
    String text = "# mine\r\n\n  " + alice + "  # Alice's #1\r\n" + bob + "\t# Bob\n#" + bob + "\n";
    assertThat(KeyList.parse("f", text).keys()).containsOnlyKeys(alice, bob);
    assertThat(KeyList.parse("f", "").keys()).isEmpty();
    assertThat(KeyList.parse("f", alice.toString()).keys()).containsOnlyKeys(alice);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nodekey:12", "alice", "nodekey:", "privkey:00"})
  void aLineThatIsNoKeyIsNamed(String bad) {
    assertThatThrownBy(() -> KeyList.parse("/etc/keys", "# one\n" + alice + "\n" + bad + "\n"))
        .isInstanceOf(ReloadException.class)
        .hasMessageStartingWith("/etc/keys:3: ");
  }

  @Test
  void whatHoldsForAKeyStandsBehindIt() throws Exception {
    assertThat(KeyList.parse("f", alice + " quota=20G  rate=500k burst=70000 # Alice").keys())
        .containsEntry(
            alice,
            new ClientLimits(
                OptionalLong.of(500_000),
                OptionalLong.of(70_000),
                OptionalLong.of(20_000_000_000L)));
    assertThat(KeyList.parse("f", alice.toString()).keys()).containsEntry(alice, ClientLimits.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rate=", "rate=-1", "speed=1", "rate=1T", "rate=1 rate=2", "quota=999999999999G"})
  void aSettingThatMakesNoSenseIsNamedWithItsLine(String setting) {
    assertThatThrownBy(() -> KeyList.parse("f", "\n" + alice + " " + setting))
        .isInstanceOf(ReloadException.class)
        .hasMessageStartingWith("f:2: ");
  }

  @Test
  void twoKeysOnALineAreNoKey() {
    assertThatThrownBy(() -> KeyList.parse("f", alice + " " + bob))
        .isInstanceOf(ReloadException.class)
        .hasMessageStartingWith("f:1: ");
  }

  @Test
  void aMissingFileIsSaidInOneLine() {
    Path missing = directory.resolve("keys");
    assertThatThrownBy(() -> KeyList.read(missing))
        .isInstanceOf(ReloadException.class)
        .hasMessage(missing + ": no such file");
    assertThatThrownBy(() -> KeyList.read(directory))
        .isInstanceOf(ReloadException.class)
        .hasMessageStartingWith(directory + ": cannot be read");
  }
}
