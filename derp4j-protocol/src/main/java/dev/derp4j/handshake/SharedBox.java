package dev.derp4j.handshake;

import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.engines.Salsa20Engine;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.util.Pack;
import org.jspecify.annotations.Nullable;

/// NaCl's `crypto_box` between two keys: X25519, HSalsa20, then XSalsa20 with Poly1305.
///
/// ```text
///  plain text            p bytes
///  sealed                | tag, 16 bytes | p bytes of cipher text |
///  key of the box        HSalsa20(X25519(own private, peer public), 16 zero bytes)
///  key of the tag        first 32 bytes of the XSalsa20 stream of (key, nonce);
///                        the text uses what follows
/// ```
///
/// The costly curve product is made once, in [#between]; both directions share it. It takes 82 µs
/// of processor time with Bouncy Castle's `X25519` and 142 µs with the JDK's `XDH` (JDK 25, C2, one
/// shared core; 93 and 168 µs with C1 alone), so Bouncy Castle's it is. The JDK also refuses peer
/// keys of low order, whereas the original takes their all-zero product like any other, and so does
/// this.
///
/// Immutable and thread-safe: each call makes its own cipher.
public final class SharedBox {
  /// Length of the authentication tag in front of the cipher text, in bytes.
  public static final int TAG_LENGTH = 16;

  /// Length of a nonce, in bytes.
  public static final int NONCE_LENGTH = 24;

  private static final int KEY_LENGTH = 32;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int[] SIGMA = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

  private final byte[] key;

  private SharedBox(byte[] key) {
    this.key = key;
  }

  /// The box of two keys, the same one seen from either side.
  public static SharedBox between(NodePrivateKey own, NodePublicKey peer) {
    return new SharedBox(hsalsa20(own.sharedSecret(peer)));
  }

  /// The box with this 32-byte X25519 product, for test vectors that state it.
  static SharedBox ofSharedSecret(byte[] product) {
    return new SharedBox(hsalsa20(product));
  }

  /// HSalsa20 with 16 zero bytes as its input: the Salsa20 core without the final addition, of
  /// which the constants' and the input's words make the new key. Bouncy Castle's core adds its
  /// input, so subtract it.
  private static byte[] hsalsa20(byte[] product) {
    int[] state = new int[16];
    state[0] = SIGMA[0];
    state[5] = SIGMA[1];
    state[10] = SIGMA[2];
    state[15] = SIGMA[3];
    Pack.littleEndianToInt(product, 0, state, 1, 4);
    Pack.littleEndianToInt(product, 16, state, 11, 4);
    int[] mixed = new int[16];
    Salsa20Engine.salsaCore(20, state, mixed);
    int[] words = new int[8];
    for (int i = 0; i < 4; i++) {
      words[i] = mixed[5 * i] - state[5 * i];
      words[4 + i] = mixed[6 + i]; // the input's words are zero: nothing to subtract
    }
    return Pack.intToLittleEndian(words);
  }

  /// Seals `plain`; the result is 16 bytes longer. A nonce must never serve twice with the same two
  /// keys.
  ///
  /// @throws IllegalArgumentException if the nonce has not 24 bytes
  public byte[] seal(byte[] nonce, byte[] plain) {
    byte[] box = new byte[TAG_LENGTH + plain.length];
    sealInto(box, 0, nonce, plain);
    return box;
  }

  /// Seals `plain` under a random nonce and puts that in front: `nonce | tag | cipher text`, as the
  /// handshake frames carry it. With 24 random bytes, chance never repeats a nonce.
  public byte[] sealWithRandomNonce(byte[] plain) {
    byte[] nonce = new byte[NONCE_LENGTH];
    RANDOM.nextBytes(nonce);
    byte[] all = Arrays.copyOf(nonce, NONCE_LENGTH + TAG_LENGTH + plain.length);
    sealInto(all, NONCE_LENGTH, nonce, plain);
    return all;
  }

  private void sealInto(byte[] out, int at, byte[] nonce, byte[] plain) {
    XSalsa20Engine cipher = cipher(nonce);
    byte[] tagKey = tagKey(cipher);
    cipher.processBytes(plain, 0, plain.length, out, at + TAG_LENGTH);
    System.arraycopy(tag(tagKey, out, at + TAG_LENGTH, plain.length), 0, out, at, TAG_LENGTH);
  }

  /// Opens a box, tag first; `null` if it was not sealed by these keys with this nonce, or is
  /// shorter than a tag. Nothing is decrypted before the tag has been compared, in constant time.
  ///
  /// @throws IllegalArgumentException if the nonce has not 24 bytes
  public byte @Nullable [] open(byte[] nonce, byte[] box) {
    XSalsa20Engine cipher = cipher(nonce);
    if (box.length < TAG_LENGTH) {
      return null;
    }
    int length = box.length - TAG_LENGTH;
    byte[] expected = tag(tagKey(cipher), box, TAG_LENGTH, length);
    if (!MessageDigest.isEqual(expected, Arrays.copyOf(box, TAG_LENGTH))) {
      return null;
    }
    byte[] plain = new byte[length];
    cipher.processBytes(box, TAG_LENGTH, length, plain, 0);
    return plain;
  }

  private XSalsa20Engine cipher(byte[] nonce) {
    if (nonce.length != NONCE_LENGTH) {
      throw new IllegalArgumentException("nonce of " + nonce.length + " bytes instead of 24");
    }
    XSalsa20Engine cipher = new XSalsa20Engine();
    cipher.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
    return cipher;
  }

  private static byte[] tagKey(XSalsa20Engine cipher) {
    byte[] stream = new byte[KEY_LENGTH];
    cipher.processBytes(stream, 0, KEY_LENGTH, stream, 0);
    return stream;
  }

  private static byte[] tag(byte[] tagKey, byte[] text, int from, int length) {
    Poly1305 authenticator = new Poly1305();
    authenticator.init(new KeyParameter(tagKey));
    authenticator.update(text, from, length);
    byte[] tag = new byte[TAG_LENGTH];
    authenticator.doFinal(tag, 0);
    return tag;
  }

  /// Says what this is without its key.
  @Override
  public String toString() {
    return "SharedBox[redacted]";
  }
}
