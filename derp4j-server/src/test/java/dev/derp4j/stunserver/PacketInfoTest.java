package dev.derp4j.stunserver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// The layouts are those of little-endian machines, which all that we call the C library on are.
class PacketInfoTest {
  private static final long ANSWER = 128;

  private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);

  @Test
  void anIpv4RequestIsAnsweredFromItsAddressOnAnyInterface() {
    long length = told(ipv4(3, "c0000205", "c00002ff"));
    assertThat(PacketInfo.answer(memory, 0, length, ANSWER)).isEqualTo(32);
    assertThat(written(32))
        .isEqualTo(
            "1c000000000000000000000008000000" + "00000000" + "c0000205" + "0000000000000000");
  }

  @Test
  void anIpv6RequestIsAnsweredFromItsAddressOnAnyInterface() {
    long length = told(ipv6("20010db8000000000000000000000005", 3));
    assertThat(PacketInfo.answer(memory, 0, length, ANSWER)).isEqualTo(40);
    assertThat(written(40))
        .isEqualTo(
            "24000000000000002900000032000000"
                + "20010db8000000000000000000000005"
                + "00000000"
                + "00000000");
  }

  @Test
  void aLinkLocalAddressKeepsItsInterface() {
    long length = told(ipv6("fe800000000000000000000000000005", 3));
    assertThat(PacketInfo.answer(memory, 0, length, ANSWER)).isEqualTo(40);
    assertThat(written(40)).endsWith("fe800000000000000000000000000005" + "03000000" + "00000000");
  }

  @Test
  void onADualStackSocketTheIpv4FormCounts() {
    byte[] mapped = ipv6("00000000000000000000ffffc00002ff", 3);
    byte[] ipv4 = ipv4(3, "c0000205", "c00002ff");
    for (long length : new long[] {told(mapped, ipv4), told(ipv4, mapped)}) {
      assertThat(PacketInfo.answer(memory, 0, length, ANSWER)).isEqualTo(32);
      assertThat(written(32)).contains("c0000205");
    }
  }

  @Test
  void multicastAndNoAddressAreToldButNoSource() {
    assertThat(answerTo(ipv4(3, "e0000001", "e0000001"))).isZero();
    assertThat(answerTo(ipv4(3, "ffffffff", "ffffffff"))).isZero();
    assertThat(answerTo(ipv4(3, "00000000", "c0000205"))).isZero();
    assertThat(answerTo(ipv6("ff020000000000000000000000000001", 3))).isZero();
    assertThat(answerTo(ipv6("00000000000000000000000000000000", 3))).isZero();
  }

  @Test
  void nothingUsableIsNotTold() {
    assertThat(PacketInfo.answer(memory, 0, 0, ANSWER)).isEqualTo(PacketInfo.NOT_TOLD);
    assertThat(answerTo(message(1, 29, new byte[16]))).isEqualTo(PacketInfo.NOT_TOLD);
    assertThat(answerTo(message(0, 8, new byte[11]))).isEqualTo(PacketInfo.NOT_TOLD);
    assertThat(answerTo(message(41, 50, new byte[19]))).isEqualTo(PacketInfo.NOT_TOLD);
  }

  @Test
  void anUnknownMessageIsSteppedOver() {
    long length = told(message(1, 29, new byte[13]), ipv4(3, "c0000205", "c0000205"));
    assertThat(PacketInfo.answer(memory, 0, length, ANSWER)).isEqualTo(32);
  }

  @Test
  void lengthsThatCannotBeEndTheSearch() {
    for (long bad : new long[] {0, 15, 33, -1, Long.MAX_VALUE}) {
      long length = told(ipv4(3, "c0000205", "c0000205"));
      memory.set(ValueLayout.JAVA_LONG, 0, bad);
      assertThat(PacketInfo.answer(memory, 0, length, ANSWER)).isEqualTo(PacketInfo.NOT_TOLD);
    }
    long cut = told(ipv4(3, "c0000205", "c0000205")) - 8;
    assertThat(PacketInfo.answer(memory, 0, cut, ANSWER)).isEqualTo(PacketInfo.NOT_TOLD);
  }

  private int answerTo(byte[] message) {
    return PacketInfo.answer(memory, 0, told(message), ANSWER);
  }

  /// Puts messages at the start of the memory and returns their length.
  private long told(byte[]... messages) {
    memory.fill((byte) 0);
    long at = 0;
    for (byte[] message : messages) {
      MemorySegment.copy(message, 0, memory, ValueLayout.JAVA_BYTE, at, message.length);
      at += (message.length + 7) & ~7;
    }
    return at;
  }

  private String written(int length) {
    return HexFormat.of().formatHex(memory.asSlice(ANSWER, length).toArray(ValueLayout.JAVA_BYTE));
  }

  private static byte[] ipv4(int networkInterface, String ours, String target) {
    ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(networkInterface).put(hex(ours)).put(hex(target));
    return message(0, 8, data.array());
  }

  private static byte[] ipv6(String target, int networkInterface) {
    ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    data.put(hex(target)).putInt(networkInterface);
    return message(41, 50, data.array());
  }

  private static byte[] message(int level, int type, byte[] data) {
    ByteBuffer message = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return message.putLong(16 + data.length).putInt(level).putInt(type).put(data).array();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
