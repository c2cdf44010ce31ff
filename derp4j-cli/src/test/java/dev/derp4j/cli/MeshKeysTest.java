package dev.derp4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MeshKeysTest {
  private static final String KEY =
      "00000000000000000000000000000000000000000000000000000000000000af";

  @TempDir Path directory;

  private String fileWith(String content) throws IOException {
    return Files.writeString(directory.resolve("mesh.key"), content).toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {KEY, KEY + "\n", "  " + KEY + "\r\n\n"})
  void aFileWithOneKeyIsRead(String content) throws Exception {
    assertThat(MeshKeys.fromFile(fileWith(content)).orElseThrow().secretText()).isEqualTo(KEY);
  }

  @Test
  void anEmptyFileMeansNoMeshKey() throws Exception {
    assertThat(MeshKeys.fromFile(fileWith(""))).isEmpty();
  }

  @Test
  void noFileMeansNoMeshKey() throws StartException {
    assertThat(MeshKeys.fromFile("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"' '", "abc", "0" + KEY, KEY + "é", "é", "nodekey:" + KEY})
  void anythingElseIsRefusedInOneLineWithoutItsContent(String content) throws IOException {
    String file = fileWith(content);
    assertThatThrownBy(() -> MeshKeys.fromFile(file))
        .isInstanceOf(StartException.class)
        .message()
        .startsWith("mesh key file " + file + ": mesh key ")
        .doesNotContain(KEY, "\n");
  }

  @Test
  void aKeyOfZerosIsRefused() throws IOException {
    String file = fileWith("0".repeat(64));
    assertThatThrownBy(() -> MeshKeys.fromFile(file)).hasMessageEndingWith("is all zeros");
  }

  @Test
  void aMissingFileIsRefusedInOneLine() {
    String file = directory.resolve("none").toString();
    assertThatThrownBy(() -> MeshKeys.fromFile(file))
        .isInstanceOf(StartException.class)
        .hasMessage("cannot read mesh key file " + file + ": no such file or directory");
  }

  @Test
  void theEnvironmentsKeyIsReadLikeAFiles() throws StartException {
    assertThat(MeshKeys.fromEnvironment(Map.of(MeshKeys.VARIABLE, KEY))).isPresent();
    assertThat(MeshKeys.fromEnvironment(Map.of(MeshKeys.VARIABLE, ""))).isEmpty();
    assertThat(MeshKeys.fromEnvironment(Map.of())).isEmpty();
    assertThatThrownBy(() -> MeshKeys.fromEnvironment(Map.of(MeshKeys.VARIABLE, "abc")))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith(MeshKeys.VARIABLE + ": mesh key ");
  }
}
