package dev.derp4j.cli;

import dev.derp4j.key.NodePrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KeyFileTest {
  private static final String HEX =
      "1800000000000000000000000000000000000000000000000000000000000041";

  @TempDir Path directory;

  private KeyFile fileWith(String content) throws IOException {
    return new KeyFile(Files.writeString(directory.resolve("derper.key"), content));
  }

  @Test
  void aMissingFileHasNoKey() throws StartException {
    assertThat(new KeyFile(directory.resolve("none")).read()).isEmpty();
  }

  @Test
  void aFileIsMadeWithItsDirectoriesInTheOriginalsFormatAndForTheOwnerAlone() throws Exception {
    Path path = directory.resolve("new/deep/derper.key");
    NodePrivateKey key = NodePrivateKey.parse("privkey:" + HEX);
    new KeyFile(path).write(key);
    assertThat(path).hasContent("{\n\t\"PrivateKey\": \"privkey:" + HEX + "\"\n}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(path.getParent())) {
      assertThat(files).as("no draft is left behind").containsExactly(path);
    }
    assertThat(new KeyFile(path).read().orElseThrow().publicKey()).isEqualTo(key.publicKey());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"PrivateKey\":\"privkey:%s\"}",
        "  {\"privatekey\" : \"privkey:%s\"}\n\n",
        "{\"Other\":{\"PrivateKey\":[1,{}]},\"PrivateKey\":\"privkey:%s\",\"More\":null}",
        "{\"PrivateKey\":\"privkey:00\",\"PrivateKey\":\"privkey:%s\"}",
      })
  void whatTheOriginalReadsIsRead(String json) throws Exception {
    NodePrivateKey key = fileWith(json.formatted(HEX)).read().orElseThrow();
    assertThat(key.secretText()).isEqualTo("privkey:" + HEX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "^^ | it is no JSON object",
        "nonsense | malformed JSON in line 1",
        "[] | it is no JSON object",
        "{\"PrivateKey\":\"privkey:SECRET\"} x | malformed JSON in line 1",
        "{\"PrivateKey\":\"privkey:SECRET\"} {} | something follows the JSON object",
        "{\"PrivateKey\":\"privkey:SECRET | malformed JSON in line 1",
        "{\"PrivateKey\":privkey:SECRET} | malformed JSON in line 1",
        "{} | it has no text field \"PrivateKey\"",
        "{\"PrivateKey\":7} | it has no text field \"PrivateKey\"",
        "{\"PrivateKey\":\"SECRET\"} | private node key does not begin with \"privkey:\"",
      })
  void aBrokenFileIsRefusedInOneLineWithoutItsContentAndStaysAsItIs(String json, String why)
      throws IOException {
    String content = json.replace("SECRET", HEX);
    KeyFile file = fileWith(content);
    Path path = directory.resolve("derper.key");
    assertThatThrownBy(file::read)
        .isInstanceOf(StartException.class)
        .hasMessage("key file " + path + ": " + why);
    assertThat(Files.readString(path)).isEqualTo(content);
  }

  @Test
  void aKeyOfZerosIsRefused() throws IOException {
    KeyFile file = fileWith("{\"PrivateKey\":\"privkey:" + "0".repeat(64) + "\"}");
    assertThatThrownBy(file::read).hasMessageEndingWith("private node key is all zeros");
  }

  @Test
  void aFileThatCannotBeReadIsRefusedInOneLine() {
    assertThatThrownBy(new KeyFile(directory)::read)
        .isInstanceOf(StartException.class)
        .hasMessage("cannot read key file " + directory + ": is a directory");
  }

  @Test
  void aFileThatHasNoEndIsNotReadForEver() {
    assertThatThrownBy(new KeyFile(Path.of("/dev/zero"))::read)
        .hasMessage("cannot read key file /dev/zero: larger than 65536 bytes");
  }

  @Test
  void aFileThatCannotBeMadeIsRefusedInOneLine() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    KeyFile inside = new KeyFile(file.resolve("derper.key"));
    assertThatThrownBy(() -> inside.write(NodePrivateKey.generate()))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("cannot make key file " + file + "/derper.key: ");
  }
}
