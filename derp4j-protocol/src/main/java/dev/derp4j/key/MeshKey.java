package dev.derp4j.key;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The 32-byte secret that the relays of one region share, and that makes a connection a mesh peer.
///
/// Its text form is 64 hexadecimal digits without a prefix; a key file may have white space around
/// them. Comparison takes the same time wherever two keys differ. The key of all zeros stands for
/// "no key" in the original: it parses, and matches nothing, itself included.
///
/// Immutable, and so free to be shared between threads.
public final class MeshKey {
  /// Length of the key in bytes.
  public static final int LENGTH = 32;

  private static final String WHAT = "mesh key";

  private final byte[] secret;

  private MeshKey(byte[] secret) {
    this.secret = secret;
  }

  /// A new key from the system's secure random source.
  public static MeshKey generate() {
    byte[] secret = new byte[LENGTH];
    new SecureRandom().nextBytes(secret);
    return new MeshKey(secret);
  }

  /// Reads 64 hexadecimal digits in either letter case, white space around them ignored.
  ///
  /// @throws IllegalArgumentException if it is anything else; the message holds no part of the text
  public static MeshKey parse(String text) {
    return new MeshKey(KeyText.decode(WHAT, "", text.strip()));
  }

  /// Whether both are the same key and not the key of zeros, in constant time.
  public boolean matches(MeshKey other) {
    return !isZero() && equals(other);
  }

  /// Whether this is the key of zeros, which means that there is none.
  public boolean isZero() {
    int bits = 0;
    for (byte part : secret) {
      bits |= part;
    }
    return bits == 0;
  }

  /// 64 lower-case hexadecimal digits. Secret: never log them.
  public String secretText() {
    return HexFormat.of().formatHex(secret);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MeshKey that && MessageDigest.isEqual(secret, that.secret);
  }

  /// Mixed with per-process random constants, so that it tells nothing about the key outside the
  /// process.
  @Override
  public int hashCode() {
    return NodePublicKey.of(secret).hashCode();
  }

  /// Says what this is without saying the secret.
  @Override
  public String toString() {
    return "meshkey:[redacted]";
  }
}
