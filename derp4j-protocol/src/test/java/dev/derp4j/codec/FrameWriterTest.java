package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FrameWriterTest {
  private static final String HEX = "c3".repeat(32);
  private static final NodePublicKey KEY = NodePublicKey.parseHex(HEX);

  private final ByteBuf out = Unpooled.buffer();

  private String written() {
    return ByteBufUtil.hexDump(out);
  }

  @Test
  void theGreetingIsMagicAndKey() {
    FrameWriter.writeServerKey(out, KEY);
    assertThat(written()).isEqualTo("01" + "00000028" + "44455250f09f9491" + HEX);
  }

  @Test
  void framesWithoutPayloadAreAHeader() {
    FrameWriter.writeKeepAlive(out);
    FrameWriter.writeWatchConns(out);
    assertThat(written()).isEqualTo("0600000000" + "1000000000");
  }

  @Test
  void aGonePeerIsKeyAndReason() {
    FrameWriter.writePeerGone(out, KEY, 1);
    assertThat(written()).isEqualTo("08" + "00000021" + HEX + "01");
  }

  @Test
  void aPresentPeerHasAddressFlagsAndName() throws UnknownHostException {
    byte[] ip = FrameWriter.ip16(InetAddress.getByName("192.0.2.33"));
    FrameWriter.writePeerPresent(out, KEY, ip, 49153, 13, new byte[] {'a', 'b'});
    assertThat(written())
        .isEqualTo(
            "09"
                + "00000036"
                + HEX
                + "00000000000000000000ffffc0000221"
                + "c001"
                + "0d"
                + "02"
                + "6162");
  }

  @Test
  void anUnknownAddressIsZeros() {
    FrameWriter.writeFrame(out, new Frame.PeerPresent(KEY, null, 1, ""));
    assertThat(written()).isEqualTo("09" + "00000034" + HEX + "00".repeat(18) + "01" + "00");
  }

  @Test
  void anIpv6AddressIsItsBytes() throws UnknownHostException {
    assertThat(FrameWriter.ip16(InetAddress.getByName("2001:db8::9")))
        .isEqualTo(HexFormat.of().parseHex("20010db8000000000000000000000009"));
  }

  @Test
  void pingAndPongCarryTheirBytesInOrder() {
    FrameWriter.writePing(out, 0x0102030405060708L);
    FrameWriter.writePong(out, -2);
    assertThat(written()).isEqualTo("12000000080102030405060708" + "1300000008fffffffffffffffe");
  }

  @Test
  void restartingIsTwoNumbersOfMilliseconds() {
    FrameWriter.writeRestarting(out, 1500, -1);
    assertThat(written()).isEqualTo("1500000008" + "000005dc" + "ffffffff");
  }

  @Test
  void healthIsUtf8() {
    FrameWriter.writeHealth(out, "ß");
    assertThat(written()).isEqualTo("1400000002" + "c39f");
  }

  @Test
  void whatNoReaderWouldTakeIsRefusedBeforeAnythingIsWritten() {
    byte[] tooLarge = new byte[65537];
    assertThatThrownBy(() -> FrameWriter.writeSendPacket(out, KEY, tooLarge))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameWriter.writeRecvPacket(out, KEY, tooLarge))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameWriter.writeForwardPacket(out, KEY, KEY, tooLarge))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameWriter.writeClientInfo(out, KEY, new byte[23]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameWriter.writeServerInfo(out, new byte[23]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameWriter.writePeerPresent(out, KEY, new byte[4], 1, 1, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> FrameWriter.writePeerPresent(out, KEY, new byte[16], 1, 1, new byte[256]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> FrameWriter.writeFrame(out, new Frame.Unknown(0x77, 100, new byte[64])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameWriter.writeHeader(out, 256, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameWriter.writeHeader(out, 1, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(out.isReadable()).isFalse();
  }
}
