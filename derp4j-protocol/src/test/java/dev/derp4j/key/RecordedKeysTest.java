package dev.derp4j.key;

import dev.derp4j.vectors.Vectors;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Key texts and pairs against what the original makes of them.
class RecordedKeysTest {
  static List<List<String>> pairs() {
    return Vectors.rows("1.102.5/keys.txt").stream()
        .filter(row -> row.get(0).equals("pair"))
        .toList();
  }

  static List<List<String>> judgedTexts() {
    return Vectors.rows("1.102.5/keys.txt").stream()
        .filter(row -> !row.get(0).equals("pair"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aPrivateKeyHasThePublicKeyAndShortFormOfTheOriginal(List<String> row) {
    NodePrivateKey key = NodePrivateKey.parse(row.get(1));

    assertThat(key.secretText()).isEqualTo(row.get(1));
    assertThat(key.publicKey()).hasToString(row.get(2));
    assertThat(key.publicKey().shortText()).isEqualTo(row.get(3));
  }

  @ParameterizedTest
  @MethodSource("judgedTexts")
  void aTextIsAKeyWhereTheOriginalSaysSo(List<String> row) {
    String text = Vectors.text(row.get(2));
    Function<String, Object> parse =
        switch (row.get(1)) {
          case "public" -> NodePublicKey::parse;
          case "private" -> NodePrivateKey::parse;
          case "mesh" -> MeshKey::parse;
          default -> throw new AssertionError(row.get(1));
        };

    String verdict;
    try {
      var _ = parse.apply(text);
      verdict = "ok";
    } catch (IllegalArgumentException e) {
      verdict = "error";
    }

    assertThat(verdict).isEqualTo(row.get(0));
  }

  @Test
  void theRecordHoldsBothVerdictsForEachKind() {
    assertThat(judgedTexts())
        .extracting(row -> row.get(0) + " " + row.get(1))
        .contains(
            "ok public", "error public", "ok private", "error private", "ok mesh", "error mesh");
  }
}
