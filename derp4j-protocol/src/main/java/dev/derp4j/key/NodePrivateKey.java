package dev.derp4j.key;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// A node's secret: the 32-byte Curve25519 scalar that opens and seals its handshake boxes.
///
/// Made keys are clamped (the lowest three bits and the highest are cleared, the second highest is
/// set); parsed ones are kept as they are written, since the curve arithmetic clamps in any case
/// and a key file must come back out unchanged. The text form is `privkey:` and 64 hexadecimal
/// digits.
///
/// Immutable, and so free to be shared between threads. It has no `equals`: secrets are not
/// compared.
public final class NodePrivateKey {
  private static final String PREFIX = "privkey:";
  private static final String WHAT = "private node key";

  private final byte[] scalar;
  private final NodePublicKey publicKey;

  private NodePrivateKey(byte[] scalar) {
    this.scalar = scalar;
    byte[] point = new byte[NodePublicKey.LENGTH];
    X25519.scalarMultBase(scalar, 0, point, 0);
    this.publicKey = NodePublicKey.of(point);
  }

  /// A new key from the system's secure random source.
  public static NodePrivateKey generate() {
    byte[] scalar = new byte[NodePublicKey.LENGTH];
    new SecureRandom().nextBytes(scalar);
    scalar[0] &= (byte) 0xf8;
    scalar[31] = (byte) ((scalar[31] & 0x7f) | 0x40);
    return new NodePrivateKey(scalar);
  }

  /// Reads `privkey:` and 64 hexadecimal digits.
  ///
  /// @throws IllegalArgumentException if it is anything else, or all zeros; the message holds no
  ///     part of it
  public static NodePrivateKey parse(String text) {
    byte[] scalar = KeyText.decode(WHAT, PREFIX, text);
    int bits = 0;
    for (byte part : scalar) {
      bits |= part;
    }
    if (bits == 0) {
      throw new IllegalArgumentException(WHAT + " is all zeros");
    }
    return new NodePrivateKey(scalar);
  }

  /// The public key that belongs to this one. Computed when the key was made, so free to ask for.
  public NodePublicKey publicKey() {
    return publicKey;
  }

  /// The text form for the key file, `privkey:` and 64 lower-case digits. Secret: never log it.
  public String secretText() {
    return PREFIX + HexFormat.of().formatHex(scalar);
  }

  /// The X25519 product of this scalar and the peer's point: 32 secret bytes, the input of the
  /// box's key.
  ///
  /// A peer key of low order gives all zeros, and those are returned like any other product,
  /// because the original's box does so too; such a peer proves nothing but its wish to talk
  /// openly.
  ///
  /// One call costs some 80 µs of processor time (see [dev.derp4j.handshake.SharedBox] for the
  /// measurement), the most expensive step of a handshake besides TLS.
  public byte[] sharedSecret(NodePublicKey peer) {
    byte[] product = new byte[NodePublicKey.LENGTH];
    X25519.scalarMult(scalar, 0, peer.toBytes(), 0, product, 0);
    return product;
  }

  /// Says what this is without saying the secret.
  @Override
  public String toString() {
    return PREFIX + "[redacted]";
  }
}
