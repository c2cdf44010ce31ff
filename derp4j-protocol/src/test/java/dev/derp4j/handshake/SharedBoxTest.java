package dev.derp4j.handshake;

import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.vectors.Vectors;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SharedBoxTest {
  private static final NodePrivateKey ALICE =
      NodePrivateKey.parse(
          "privkey:77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  private static final NodePrivateKey BOB =
      NodePrivateKey.parse(
          "privkey:5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  private static final byte[] NONCE = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
  private static final byte[] PLAIN =
      hex(
          "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c6129"
              + "6cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1f"
              + "de048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705");
  private static final byte[] BOX =
      hex(
          "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a"
              + "c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526"
              + "ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb4"
              + "5a74e355a5");

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  static List<List<String>> recordedBoxes() {
    return Vectors.rows("1.102.5/boxes.txt");
  }

  /// "Cryptography in NaCl" (Bernstein, 2009), sections 2 to 10; also libsodium's
  /// test/default/box.c.
  @Test
  void theExampleOfTheNaClPaperSealsAndOpens() {
    assertThat(ALICE.publicKey().toHex())
        .isEqualTo("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assertThat(BOB.publicKey().toHex())
        .isEqualTo("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assertThat(ALICE.sharedSecret(BOB.publicKey()))
        .isEqualTo(hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));

    assertThat(SharedBox.between(ALICE, BOB.publicKey()).seal(NONCE, PLAIN)).isEqualTo(BOX);
    assertThat(SharedBox.between(BOB, ALICE.publicKey()).open(NONCE, BOX)).isEqualTo(PLAIN);
  }

  /// The answer of the C implementation of NaCl to keys of ones and twos, a nonce of fours and a
  /// text of threes, as golang.org/x/crypto/nacl/box states it.
  @Test
  void theExampleOfTheCImplementationSeals() {
    NodePrivateKey ones = NodePrivateKey.parse("privkey:" + "01".repeat(32));
    NodePrivateKey twos = NodePrivateKey.parse("privkey:" + "02".repeat(32));
    byte[] threes = new byte[64];
    Arrays.fill(threes, (byte) 3);
    byte[] fours = new byte[24];
    Arrays.fill(fours, (byte) 4);

    assertThat(SharedBox.between(ones, twos.publicKey()).seal(fours, threes))
        .isEqualTo(
            hex(
                "78ea30b19d2341ebbdba54180f821eec265cf86312549bea8a37652a8bb94f07"
                    + "b78a73ed1708085e6ddd0e943bbdeb8755079a37eb31d86163ce241164a47629"
                    + "c0539f330b4914cd135b3855bc2a2dfc"));
  }

  @ParameterizedTest
  @MethodSource("recordedBoxes")
  void aBoxOfTheOriginalOpensAndIsSealedTheSameWay(List<String> row) {
    SharedBox box =
        SharedBox.between(NodePrivateKey.parse(row.get(0)), NodePublicKey.parse(row.get(1)));
    byte[] plain = Vectors.bytes(row.get(2));
    byte[] all = Vectors.bytes(row.get(3));
    byte[] nonce = Arrays.copyOf(all, SharedBox.NONCE_LENGTH);
    byte[] sealed = Arrays.copyOfRange(all, SharedBox.NONCE_LENGTH, all.length);

    assertThat(box.open(nonce, sealed)).isEqualTo(plain);
    assertThat(box.seal(nonce, plain)).isEqualTo(sealed);
  }

  @Test
  void thePeerOpensWhatWasSealedWithARandomNonce() {
    SharedBox ours = SharedBox.between(ALICE, BOB.publicKey());
    SharedBox theirs = SharedBox.between(BOB, ALICE.publicKey());
    byte[] first = ours.sealWithRandomNonce(PLAIN);
    byte[] second = ours.sealWithRandomNonce(PLAIN);

    assertThat(first).hasSize(24 + 16 + PLAIN.length).isNotEqualTo(second);
    assertThat(theirs.open(Arrays.copyOf(first, 24), Arrays.copyOfRange(first, 24, first.length)))
        .isEqualTo(PLAIN);
    assertThat(
            theirs.open(Arrays.copyOf(second, 24), Arrays.copyOfRange(second, 24, second.length)))
        .isEqualTo(PLAIN);
  }

  @Test
  void aBoxWithAnyBitChangedStaysShut() {
    SharedBox box = SharedBox.between(BOB, ALICE.publicKey());
    for (int i = 0; i < BOX.length; i++) {
      byte[] damaged = BOX.clone();
      damaged[i] ^= (byte) (1 << (i % 8));
      assertThat(box.open(NONCE, damaged)).as("byte %d", i).isNull();
    }
    for (int i = 0; i < NONCE.length; i++) {
      byte[] other = NONCE.clone();
      other[i] ^= 1;
      assertThat(box.open(other, BOX)).as("nonce byte %d", i).isNull();
    }
  }

  @Test
  void aShortenedOrLengthenedBoxStaysShut() {
    SharedBox box = SharedBox.between(BOB, ALICE.publicKey());
    for (int length = 0; length < BOX.length; length++) {
      assertThat(box.open(NONCE, Arrays.copyOf(BOX, length))).as("%d bytes", length).isNull();
    }
    assertThat(box.open(NONCE, Arrays.copyOf(BOX, BOX.length + 1))).isNull();
  }

  @Test
  void anotherKeyOpensNothing() {
    assertThat(SharedBox.between(NodePrivateKey.generate(), ALICE.publicKey()).open(NONCE, BOX))
        .isNull();
  }

  @Test
  void aNonceOfAnotherLengthIsTheCallersMistake() {
    SharedBox box = SharedBox.between(BOB, ALICE.publicKey());
    assertThatThrownBy(() -> box.open(new byte[23], BOX))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> box.seal(new byte[25], PLAIN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aBoxDoesNotPrintItsKey() {
    assertThat(SharedBox.between(BOB, ALICE.publicKey())).hasToString("SharedBox[redacted]");
  }
}
