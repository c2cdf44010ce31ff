package dev.derp4j.handshake;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.util.Arrays;

import static org.assertj.core.api.Assertions.assertThat;

/// Any bytes under any key stay shut, and any text comes out as it went in. How to search for real:
/// [dev.derp4j.codec.FrameDecoderFuzzTest].
class SharedBoxFuzzTest {
  private static final NodePrivateKey OWN = NodePrivateKey.parse("privkey:" + "5a".repeat(32));
  private static final SharedBox BOX =
      SharedBox.between(OWN, NodePrivateKey.parse("privkey:" + "a5".repeat(32)).publicKey());

  /// The first 32 bytes are the peer's key, the next 24 the nonce, the rest the box.
  @FuzzTest(maxDuration = "1m")
  void noInventedBoxOpens(byte[] input) {
    if (input.length < 56) {
      return;
    }
    NodePublicKey peer = NodePublicKey.of(Arrays.copyOf(input, 32));
    byte[] nonce = Arrays.copyOfRange(input, 32, 56);
    assertThat(
            SharedBox.between(OWN, peer).open(nonce, Arrays.copyOfRange(input, 56, input.length)))
        .isNull();
  }

  /// The first 24 bytes are the nonce, the next two the place of the damage, the rest the text.
  @FuzzTest(maxDuration = "1m")
  void aTextComesOutAsItWentInUnlessItsBoxWasDamaged(byte[] input) {
    if (input.length < 26) {
      return;
    }
    byte[] nonce = Arrays.copyOf(input, 24);
    byte[] plain = Arrays.copyOfRange(input, 26, input.length);
    byte[] box = BOX.seal(nonce, plain);
    assertThat(BOX.open(nonce, box)).isEqualTo(plain);

    box[(input[24] & 0xff) % box.length] ^= (byte) (1 << (input[25] & 7));
    assertThat(BOX.open(nonce, box)).isNull();
  }
}
