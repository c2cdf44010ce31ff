package dev.derp4j.key;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class NodePublicKeyTest {
  private static final String HEX =
      "000102030405060708090a0b0c0d0e0ff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
  private static final NodePublicKey KEY = NodePublicKey.parseHex(HEX);

  @Test
  void textFormsRoundTrip() {
    assertThat(KEY.toHex()).isEqualTo(HEX);
    assertThat(KEY).hasToString("nodekey:" + HEX);
    assertThat(NodePublicKey.parse("nodekey:" + HEX.toUpperCase(java.util.Locale.ROOT)))
        .isEqualTo(KEY);
    assertThat(NodePublicKey.of(KEY.toBytes())).isEqualTo(KEY);
  }

  @Test
  void wordsAreTheBytesInOrder() {
    assertThat(KEY.word0()).isEqualTo(0x0001020304050607L);
    assertThat(KEY.word1()).isEqualTo(0x08090a0b0c0d0e0fL);
    assertThat(KEY.word2()).isEqualTo(0xf0f1f2f3f4f5f6f7L);
    assertThat(KEY.word3()).isEqualTo(0xf8f9fafbfcfdfeffL);
    assertThat(NodePublicKey.ofWords(KEY.word0(), KEY.word1(), KEY.word2(), KEY.word3()))
        .isEqualTo(KEY);
  }

  @Test
  void writingAppendsAndSettingOverwritesInPlace() {
    ByteBuf buffer = Unpooled.buffer().writeZero(3);
    KEY.write(buffer);
    assertThat(buffer.writerIndex()).isEqualTo(35);
    assertThat(NodePublicKey.read(buffer, 3)).isEqualTo(KEY);
    assertThat(buffer.readerIndex()).isZero();

    ByteBuf other = Unpooled.buffer().writeZero(40);
    KEY.set(other, 5);
    assertThat(other.writerIndex()).isEqualTo(40);
    assertThat(other.getByte(4)).isZero();
    assertThat(other.getByte(37)).isZero();
    assertThat(KEY.matches(other, 5)).isTrue();
  }

  @Test
  void matchingNoticesADifferenceInAnyByte() {
    for (int i = 0; i < NodePublicKey.LENGTH; i++) {
      byte[] changed = KEY.toBytes();
      changed[i] ^= 1;
      assertThat(KEY.matches(Unpooled.wrappedBuffer(changed), 0)).as("byte %d", i).isFalse();
      assertThat(NodePublicKey.of(changed)).as("byte %d", i).isNotEqualTo(KEY);
    }
  }

  @Test
  void readingBeyondTheBufferIsAnError() {
    ByteBuf tooShort = Unpooled.wrappedBuffer(new byte[31]);
    assertThatThrownBy(() -> NodePublicKey.read(tooShort, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void orderIsThatOfTheUnsignedBytes() {
    List<NodePublicKey> keys = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[32];
      bytes[random.nextInt(32)] = (byte) random.nextInt(256);
      bytes[random.nextInt(32)] = (byte) random.nextInt(256);
      keys.add(NodePublicKey.of(bytes));
    }
    List<NodePublicKey> byBytes = new ArrayList<>(keys);
    byBytes.sort((a, b) -> Arrays.compareUnsigned(a.toBytes(), b.toBytes()));
    keys.sort(null);
    assertThat(keys).isEqualTo(byBytes);
  }

  @Test
  void equalKeysHashAlikeWhetherObjectsOrWords() {
    assertThat(NodePublicKey.parseHex(HEX)).hasSameHashCodeAs(KEY);
    assertThat(NodePublicKey.hash(KEY.word0(), KEY.word1(), KEY.word2(), KEY.word3()))
        .isEqualTo(KEY.hashCode());
  }

  /// What a stranger would try against a plain multiplicative hash: keys that differ only in the
  /// highest bits of their words, whose sum of odd multiples is one and the same.
  @Test
  void keysThatDifferInFewBitsDoNotCollideTogether() {
    Set<Integer> hashes = new HashSet<>();
    int keys = 0;
    for (int a = 0; a < 16; a++) {
      for (int b = 0; b < 16; b++) {
        for (int c = 0; c < 16; c++) {
          hashes.add(NodePublicKey.hash((long) a << 60, (long) b << 60, (long) c << 60, 0));
          keys++;
        }
      }
    }
    assertThat(hashes).hasSizeGreaterThan(keys - 20);
  }

  @Test
  void lowBitsOfTheHashSpreadOverATable() {
    int[] buckets = new int[1024];
    for (long i = 0; i < 64 * 1024; i++) {
      buckets[NodePublicKey.hash(0, 0, 0, i << 48) & 1023]++;
    }
    assertThat(Arrays.stream(buckets).max().orElseThrow()).isLessThan(160);
  }

  @Test
  void onlyTheKeyOfZerosIsZero() {
    assertThat(NodePublicKey.of(new byte[32]).isZero()).isTrue();
    assertThat(NodePublicKey.of(new byte[32]).shortText()).isEmpty();
    assertThat(KEY.isZero()).isFalse();
  }

  @Test
  void errorsNameTheMistakeAndNotTheText() {
    assertThatThrownBy(() -> NodePublicKey.parse("privkey:" + HEX))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("public node key does not begin with \"nodekey:\"");
    assertThatThrownBy(() -> NodePublicKey.parseHex(HEX + "0"))
        .hasMessage("public node key has 65 characters where 64 hexadecimal digits belong");
    assertThatThrownBy(() -> NodePublicKey.parse("nodekey:x" + HEX.substring(1)))
        .hasMessage("public node key has a character that is no hexadecimal digit, at position 9");
    assertThatThrownBy(() -> NodePublicKey.of(new byte[31]))
        .hasMessage("public node key has 31 bytes instead of 32");
  }
}
