package dev.derp4j.key;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SecretKeysTest {
  private static final String DIGITS = "0123456789abcdef".repeat(4);

  @Test
  void madePrivateKeysAreClampedAndDiffer() {
    NodePrivateKey one = NodePrivateKey.generate();
    NodePrivateKey two = NodePrivateKey.generate();

    assertThat(one.publicKey()).isNotEqualTo(two.publicKey());
    for (int i = 0; i < 50; i++) {
      String digits = NodePrivateKey.generate().secretText().substring("privkey:".length());
      int first = Integer.parseInt(digits.substring(0, 2), 16);
      int last = Integer.parseInt(digits.substring(62), 16);
      assertThat(first & 7).isZero();
      assertThat(last & 0xc0).isEqualTo(0x40);
    }
  }

  @Test
  void aPrivateKeyComesBackOutAsItWasWritten() {
    assertThat(NodePrivateKey.parse("privkey:" + DIGITS).secretText())
        .isEqualTo("privkey:" + DIGITS);
  }

  @Test
  void secretsDoNotPrint() {
    assertThat(NodePrivateKey.parse("privkey:" + DIGITS)).hasToString("privkey:[redacted]");
    assertThat(MeshKey.parse(DIGITS)).hasToString("meshkey:[redacted]");
  }

  @Test
  void errorsNeverHoldTheTextThatWasGiven() {
    String almost = DIGITS.substring(0, 63) + "q";
    assertThatThrownBy(() -> NodePrivateKey.parse("privkey:" + almost))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .doesNotContain("012345")
        .doesNotContain("q");
    assertThatThrownBy(() -> NodePrivateKey.parse(DIGITS)).message().doesNotContain("012345");
    assertThatThrownBy(() -> MeshKey.parse(almost))
        .message()
        .doesNotContain("012345")
        .doesNotContain("\n");
  }

  @Test
  void thePrivateKeyOfZerosIsRefused() {
    assertThatThrownBy(() -> NodePrivateKey.parse("privkey:" + "0".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("private node key is all zeros");
  }

  @Test
  void bothSidesComputeOneSharedSecret() {
    NodePrivateKey one = NodePrivateKey.generate();
    NodePrivateKey two = NodePrivateKey.generate();
    assertThat(one.sharedSecret(two.publicKey())).isEqualTo(two.sharedSecret(one.publicKey()));
  }

  @Test
  void aMeshKeyMatchesItselfInEitherLetterCaseAndInWhiteSpace() {
    MeshKey key = MeshKey.parse(DIGITS);
    MeshKey same = MeshKey.parse("\t " + DIGITS.toUpperCase(java.util.Locale.ROOT) + "\r\n");

    assertThat(key.matches(same)).isTrue();
    assertThat(key).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(key.secretText()).isEqualTo(DIGITS);
  }

  @Test
  void aMeshKeyMatchesNoOther() {
    MeshKey key = MeshKey.parse(DIGITS);
    assertThat(key.matches(MeshKey.parse(DIGITS.substring(1) + "0"))).isFalse();
    assertThat(key.matches(MeshKey.generate())).isFalse();
    assertThat(key).isNotEqualTo(MeshKey.generate());
  }

  @Test
  void theMeshKeyOfZerosMatchesNothingNotEvenItself() {
    MeshKey zero = MeshKey.parse("0".repeat(64));
    assertThat(zero.isZero()).isTrue();
    assertThat(zero.matches(zero)).isFalse();
    assertThat(zero.matches(MeshKey.parse(DIGITS))).isFalse();
    assertThat(MeshKey.parse(DIGITS).matches(zero)).isFalse();
  }
}
