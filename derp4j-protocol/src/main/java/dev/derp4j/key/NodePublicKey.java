package dev.derp4j.key;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A node's address in DERP: the 32 bytes of a Curve25519 public key.
///
/// ```text
///  0        8        16       24       32
///  +--------+--------+--------+--------+
///  | word 0 | word 1 | word 2 | word 3 |   each word big-endian, as the bytes lie on the wire
///  +--------+--------+--------+--------+
/// ```
///
/// The bytes are held as four longs, so that comparing with a key that still lies in a network
/// buffer ([#matches(ByteBuf, int)]) and looking one up by its words cost no allocation. Ordering
/// is that of the bytes, each unsigned. Text forms are those of the original's `types/key`:
/// `nodekey:` and 64 hexadecimal digits, written in lower case and read in either.
///
/// Immutable, and so free to be shared between threads.
public final class NodePublicKey implements Comparable<NodePublicKey> {
  /// Length of a key on the wire, in bytes.
  public static final int LENGTH = 32;

  private static final String PREFIX = "nodekey:";
  private static final String WHAT = "public node key";
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;

  private NodePublicKey(long word0, long word1, long word2, long word3) {
    this.word0 = word0;
    this.word1 = word1;
    this.word2 = word2;
    this.word3 = word3;
  }

  /// The key whose bytes are the big-endian bytes of these four words.
  public static NodePublicKey ofWords(long word0, long word1, long word2, long word3) {
    return new NodePublicKey(word0, word1, word2, word3);
  }

  /// The key with these bytes, which are copied.
  ///
  /// @throws IllegalArgumentException unless there are exactly 32
  public static NodePublicKey of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException(WHAT + " has " + bytes.length + " bytes instead of 32");
    }
    return new NodePublicKey(
        (long) WORD.get(bytes, 0),
        (long) WORD.get(bytes, 8),
        (long) WORD.get(bytes, 16),
        (long) WORD.get(bytes, 24));
  }

  /// Reads the 32 bytes at `index`; the buffer's reader index stays where it is.
  ///
  /// @throws IndexOutOfBoundsException if the buffer ends before that
  public static NodePublicKey read(ByteBuf buffer, int index) {
    return new NodePublicKey(
        buffer.getLong(index),
        buffer.getLong(index + 8),
        buffer.getLong(index + 16),
        buffer.getLong(index + 24));
  }

  /// Reads the typed text form, `nodekey:` and 64 hexadecimal digits.
  ///
  /// @throws IllegalArgumentException if it is anything else; the message does not repeat the text
  public static NodePublicKey parse(String text) {
    return of(KeyText.decode(WHAT, PREFIX, text));
  }

  /// Reads 64 hexadecimal digits without a prefix, as in the `Derp-Public-Key` header.
  ///
  /// @throws IllegalArgumentException if it is anything else; the message does not repeat the text
  public static NodePublicKey parseHex(String digits) {
    return of(KeyText.decode(WHAT, "", digits));
  }

  /// Appends the 32 bytes at the writer index.
  public void write(ByteBuf buffer) {
    buffer.writeLong(word0).writeLong(word1).writeLong(word2).writeLong(word3);
  }

  /// Overwrites 32 bytes at `index`; no index of the buffer moves.
  public void set(ByteBuf buffer, int index) {
    buffer.setLong(index, word0);
    buffer.setLong(index + 8, word1);
    buffer.setLong(index + 16, word2);
    buffer.setLong(index + 24, word3);
  }

  /// Whether the 32 bytes at `index` are this key. Allocates nothing, moves no index.
  public boolean matches(ByteBuf buffer, int index) {
    return buffer.getLong(index) == word0
        && buffer.getLong(index + 8) == word1
        && buffer.getLong(index + 16) == word2
        && buffer.getLong(index + 24) == word3;
  }

  /// Bytes 0 to 7.
  public long word0() {
    return word0;
  }

  /// Bytes 8 to 15.
  public long word1() {
    return word1;
  }

  /// Bytes 16 to 23.
  public long word2() {
    return word2;
  }

  /// Bytes 24 to 31.
  public long word3() {
    return word3;
  }

  /// A fresh array of the 32 bytes.
  public byte[] toBytes() {
    byte[] bytes = new byte[LENGTH];
    WORD.set(bytes, 0, word0);
    WORD.set(bytes, 8, word1);
    WORD.set(bytes, 16, word2);
    WORD.set(bytes, 24, word3);
    return bytes;
  }

  /// 64 lower-case hexadecimal digits.
  public String toHex() {
    return HexFormat.of().formatHex(toBytes());
  }

  /// The form for log lines: the first five characters of the standard base64 form in brackets,
  /// such as `[QGnNw]`; nothing at all for the key of zeros, as the original has it.
  public String shortText() {
    return isZero()
        ? ""
        : "[" + Base64.getEncoder().encodeToString(toBytes()).substring(0, 5) + "]";
  }

  /// Whether all 32 bytes are zero: no node has this key.
  public boolean isZero() {
    return (word0 | word1 | word2 | word3) == 0;
  }

  /// The hash of the key with these words, for tables that look keys up without making objects of
  /// them.
  ///
  /// Keys come from strangers, who could choose them to fall into one bucket. So each pair of words
  /// is folded through a 128-bit product with constants drawn at random when the process starts, in
  /// which every input bit reaches every output bit in a way that cannot be computed from outside.
  /// The value differs from run to run: never store it.
  public static int hash(long word0, long word1, long word2, long word3) {
    long left = fold(word0 ^ Seeds.S0, word1 ^ Seeds.S1);
    long right = fold(word2 ^ Seeds.S2, word3 ^ Seeds.S3);
    long all = fold(left ^ Seeds.S4, right ^ Seeds.S5);
    return (int) (all ^ (all >>> 32));
  }

  private static long fold(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b) ^ (a * b);
  }

  @Override
  public int hashCode() {
    return hash(word0, word1, word2, word3);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof NodePublicKey that
            && word0 == that.word0
            && word1 == that.word1
            && word2 == that.word2
            && word3 == that.word3);
  }

  @Override
  public int compareTo(NodePublicKey that) {
    int order = Long.compareUnsigned(word0, that.word0);
    if (order == 0) {
      order = Long.compareUnsigned(word1, that.word1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(word2, that.word2);
    }
    if (order == 0) {
      order = Long.compareUnsigned(word3, that.word3);
    }
    return order;
  }

  /// The typed text form, `nodekey:` and 64 lower-case hexadecimal digits.
  @Override
  public String toString() {
    return PREFIX + toHex();
  }

  /// The constants of [#hash]: odd, so that a word of zeros never cancels its partner, and in a
  /// holder class so that the compiler sees them as constants.
  private static final class Seeds {
    static final long S0;
    static final long S1;
    static final long S2;
    static final long S3;
    static final long S4;
    static final long S5;

    static {
      SecureRandom random = new SecureRandom();
      S0 = random.nextLong() | 1;
      S1 = random.nextLong() | 1;
      S2 = random.nextLong() | 1;
      S3 = random.nextLong() | 1;
      S4 = random.nextLong() | 1;
      S5 = random.nextLong() | 1;
    }

    private Seeds() {}
  }
}
