package dev.derp4j.session;

import dev.derp4j.key.MeshKey;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MeshKeyRingTest {
  private final MeshKey old = MeshKey.parse("1".repeat(64));
  private final MeshKey fresh = MeshKey.parse("2".repeat(64));

  @Test
  void eachKeyIsAcceptedAndTheFirstIsShown() {
    MeshKeyRing ring = new MeshKeyRing(List.of(fresh, old));
    assertThat(ring.first()).contains(fresh);
    assertThat(ring.accepts(old)).isTrue();
    assertThat(ring.accepts(fresh)).isTrue();
    assertThat(ring.accepts(MeshKey.parse("3".repeat(64)))).isFalse();
  }

  @Test
  void withoutKeysNobodyIsAMeshPeerNotEvenWithTheKeyOfZeros() {
    MeshKeyRing ring = new MeshKeyRing(List.of());
    assertThat(ring.first()).isEmpty();
    assertThat(ring.accepts(MeshKey.parse("0".repeat(64)))).isFalse();
    assertThat(ring.accepts(old)).isFalse();
  }

  @Test
  void replacedKeysCountAtOnce() {
    MeshKeyRing ring = new MeshKeyRing(List.of(old));
    assertThat(ring.replace(List.of(old))).isFalse();
    assertThat(ring.replace(List.of(fresh))).isTrue();
    assertThat(ring.accepts(old)).isFalse();
    assertThat(ring.accepts(fresh)).isTrue();
  }
}
