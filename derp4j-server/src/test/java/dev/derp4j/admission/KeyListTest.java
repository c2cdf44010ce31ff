package dev.derp4j.admission;

import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.reload.ReloadException;
import java.nio.file.Path;
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
    assertThat(KeyList.parse("f", text).keys()).containsExactlyInAnyOrder(alice, bob);
    assertThat(KeyList.parse("f", "").keys()).isEmpty();
    assertThat(KeyList.parse("f", alice.toString()).keys()).containsExactly(alice);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nodekey:12", "alice", "nodekey:", "privkey:00"})
  void aLineThatIsNoKeyIsNamed(String bad) {
    assertThatThrownBy(() -> KeyList.parse("/etc/keys", "# one\n" + alice + "\n" + bad + "\n"))
        .isInstanceOf(ReloadException.class)
        .hasMessageStartingWith("/etc/keys:3: ");
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
