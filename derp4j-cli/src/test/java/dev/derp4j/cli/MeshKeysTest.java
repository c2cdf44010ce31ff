package dev.derp4j.cli;

import dev.derp4j.key.MeshKey;
import dev.derp4j.reload.ReloadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    assertThat(MeshKeys.inFile(Path.of(fileWith(content))).read().getFirst().secretText())
        .isEqualTo(KEY);
  }

  @Test
  void anEmptyFileMeansNoMeshKey() throws Exception {
    assertThat(MeshKeys.inFile(Path.of(fileWith(""))).read()).isEmpty();
  }

  @Test
  void aSecondLineHoldsAnotherKeyForTheTimeOfARotation() throws Exception {
    String other = "f".repeat(64);
    List<MeshKey> keys = MeshKeys.inFile(Path.of(fileWith(KEY + "\n\n " + other + "\n"))).read();
    assertThat(keys).extracting(MeshKey::secretText).containsExactly(KEY, other);
    String three = fileWith(KEY + "\n" + other + "\n" + KEY);
    assertThatThrownBy(() -> MeshKeys.inFile(Path.of(three)).read())
        .hasMessage("mesh key file " + three + ": more than two keys");
  }

  @ParameterizedTest
  @CsvSource({"' '", "abc", "0" + KEY, KEY + "é", "é", "nodekey:" + KEY})
  void anythingElseIsRefusedInOneLineWithoutItsContent(String content) throws IOException {
    String file = fileWith(content);
    assertThatThrownBy(() -> MeshKeys.inFile(Path.of(file)).read())
        .isInstanceOf(ReloadException.class)
        .message()
        .startsWith("mesh key file " + file + ": mesh key ")
        .doesNotContain(KEY, "\n");
  }

  @Test
  void aKeyOfZerosIsRefused() throws IOException {
    String file = fileWith("0".repeat(64));
    assertThatThrownBy(() -> MeshKeys.inFile(Path.of(file)).read())
        .hasMessageEndingWith("is all zeros");
  }

  @Test
  void aMissingFileIsRefusedInOneLine() {
    String file = directory.resolve("none").toString();
    assertThatThrownBy(() -> MeshKeys.inFile(Path.of(file)).read())
        .isInstanceOf(ReloadException.class)
        .hasMessage("cannot read mesh key file " + file + ": no such file or directory");
  }

  @Test
  void theEnvironmentsKeyIsReadLikeAFiles() throws ReloadException {
    assertThat(MeshKeys.inEnvironment(Map.of(MeshKeys.VARIABLE, KEY)).read()).hasSize(1);
    assertThat(MeshKeys.inEnvironment(Map.of(MeshKeys.VARIABLE, "")).read()).isEmpty();
    assertThat(MeshKeys.inEnvironment(Map.of()).read()).isEmpty();
    assertThatThrownBy(() -> MeshKeys.inEnvironment(Map.of(MeshKeys.VARIABLE, "abc")).read())
        .isInstanceOf(ReloadException.class)
        .hasMessageStartingWith(MeshKeys.VARIABLE + ": mesh key ");
  }
}
