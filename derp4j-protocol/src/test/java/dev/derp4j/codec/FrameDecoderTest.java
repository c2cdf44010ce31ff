package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class FrameDecoderTest {
  private static ByteBuf frame(int type, long declared, int sent) {
    return Unpooled.buffer().writeByte(type).writeInt((int) declared).writeZero(sent);
  }

  private static List<Frame> read(FrameDecoder decoder, ByteBuf in) throws ProtocolException {
    List<Frame> frames = new ArrayList<>();
    decoder.decode(in, frames::add);
    return frames;
  }

  private static ProtocolException broken(FrameDecoder decoder, ByteBuf in) {
    return catchThrowableOfType(ProtocolException.class, () -> read(decoder, in));
  }

  static Stream<FrameType> typesOfClients() {
    return Stream.of(FrameType.values()).filter(FrameType::sentByClient);
  }

  @ParameterizedTest
  @MethodSource("typesOfClients")
  void aServerTakesAClientsFrameOfEveryAllowedLengthAndNoOther(FrameType type)
      throws ProtocolException {
    for (int length : new int[] {type.minimumLength(), type.maximumLength()}) {
      List<Frame> frames = read(FrameDecoder.forClientFrames(), frame(type.code(), length, length));
      assertThat(frames).hasSize(1).first().isNotInstanceOf(Frame.Unknown.class);
      assertThat(frames.getFirst().typeCode()).isEqualTo(type.code());
    }
    for (long length :
        new long[] {type.minimumLength() - 1L, type.maximumLength() + 1L, 0xffff_ffffL}) {
      if (length >= 0) {
        ProtocolException e = broken(FrameDecoder.forClientFrames(), frame(type.code(), length, 0));
        assertThat(e.rule()).isEqualTo(ProtocolException.Rule.LENGTH);
        assertThat(e.frameType()).isEqualTo(type.code());
        assertThat(e)
            .hasMessageContaining(type.name())
            .hasMessageContaining(" " + length + " bytes");
      }
    }
  }

  @Test
  void aServerSkipsUnknownTypesUpToTheLargestPacketFrame() throws ProtocolException {
    ByteBuf in = frame(119, 65568, 65568).writeBytes(frame(FrameType.NOTE_PREFERRED.code(), 1, 1));
    List<Frame> frames = read(FrameDecoder.forClientFrames(), in);

    assertThat(frames).hasSize(2).endsWith(new Frame.NotePreferred(false));
    Frame.Unknown skipped = (Frame.Unknown) frames.getFirst();
    assertThat(skipped.type()).isEqualTo(119);
    assertThat(skipped.length()).isEqualTo(65568);
    assertThat(skipped.payload()).hasSize(Frame.Unknown.KEPT_BYTES);
  }

  @Test
  void aServerRefusesALongerUnknownFrameInTheOriginalsWords() {
    ProtocolException e = broken(FrameDecoder.forClientFrames(), frame(119, 65569, 0));
    assertThat(e).hasMessage("unknown frame type 119 too large: 65569 bytes");
    assertThat(e.rule()).isEqualTo(ProtocolException.Rule.UNKNOWN_TOO_LARGE);

    assertThat(broken(FrameDecoder.forClientFrames(), frame(0, 0xffff_ffffL, 0)))
        .hasMessage("unknown frame type 0 too large: 4294967295 bytes");
  }

  @Test
  void typesOfTheOtherDirectionAreUnknownToAServer() throws ProtocolException {
    for (FrameType type : FrameType.values()) {
      if (!type.sentByClient()) {
        assertThat(read(FrameDecoder.forClientFrames(), frame(type.code(), 3, 3)))
            .containsExactly(new Frame.Unknown(type.code(), new byte[3]));
      }
    }
  }

  @Test
  void typesOfTheOtherDirectionAreUnknownToAClient() throws ProtocolException {
    for (FrameType type : FrameType.values()) {
      if (!type.sentByServer()) {
        assertThat(read(FrameDecoder.forServerFrames(), frame(type.code(), 3, 3)))
            .containsExactly(new Frame.Unknown(type.code(), new byte[3]));
      }
    }
  }

  @Test
  void aClientSkipsFramesTooShortForTheirType() throws ProtocolException {
    for (FrameType type : FrameType.values()) {
      if (type.sentByServer() && type != FrameType.SERVER_KEY && type.minimumLength() > 0) {
        int length = type.minimumLength() - 1;
        assertThat(read(FrameDecoder.forServerFrames(), frame(type.code(), length, length)))
            .hasSize(1)
            .first()
            .isInstanceOf(Frame.Unknown.class);
      }
    }
  }

  @Test
  void aClientRefusesAFrameOverAMebibyte() {
    ProtocolException e =
        broken(FrameDecoder.forServerFrames(), frame(FrameType.HEALTH.code(), 1048577, 0));
    assertThat(e).hasMessage("frame type 20 of 1048577 bytes, over 1048576");
    assertThat(e.rule()).isEqualTo(ProtocolException.Rule.LENGTH);
  }

  @Test
  void aClientRefusesAGreetingWithoutMagic() {
    ProtocolException e =
        broken(FrameDecoder.forServerFrames(), frame(FrameType.SERVER_KEY.code(), 40, 40));
    assertThat(e.rule()).isEqualTo(ProtocolException.Rule.MAGIC);
  }

  @Test
  void framesBeforeABrokenOneComeOutAndNothingAfterIt() {
    FrameDecoder decoder = FrameDecoder.forClientFrames();
    List<Frame> frames = new ArrayList<>();
    ByteBuf in =
        frame(FrameType.PING.code(), 8, 8)
            .writeBytes(frame(FrameType.PING.code(), 7, 7))
            .writeBytes(frame(FrameType.PING.code(), 8, 8));

    assertThatThrownBy(() -> decoder.decode(in, frames::add)).isInstanceOf(ProtocolException.class);
    assertThat(frames).containsExactly(new Frame.Ping(0));
    assertThat(decoder.isBetweenFrames()).isFalse();
    assertThatThrownBy(() -> decoder.decode(frame(FrameType.PING.code(), 8, 8), frames::add))
        .isInstanceOf(ProtocolException.class);
    assertThat(frames).hasSize(1);
  }

  @Test
  void anErrorHasNoStackTrace() {
    assertThat(
            broken(FrameDecoder.forClientFrames(), frame(FrameType.PING.code(), 7, 0))
                .getStackTrace())
        .isEmpty();
  }

  @Test
  void aLongPingIsItsFirstEightBytes() throws ProtocolException {
    ByteBuf in = Unpooled.buffer().writeByte(0x12).writeInt(1000).writeLong(42).writeZero(992);
    assertThat(read(FrameDecoder.forClientFrames(), in)).containsExactly(new Frame.Ping(42));
  }

  @Test
  void aGonePeerWithoutReasonHasDisconnected() throws ProtocolException {
    assertThat(read(FrameDecoder.forServerFrames(), frame(FrameType.PEER_GONE.code(), 32, 32)))
        .containsExactly(new Frame.PeerGone(NodePublicKey.of(new byte[32]), 0));
  }

  @Test
  void anyOtherByteThanZeroPrefersTheRelay() throws ProtocolException {
    ByteBuf in = Unpooled.buffer().writeByte(0x07).writeInt(1).writeByte(0x80);
    assertThat(read(FrameDecoder.forClientFrames(), in))
        .containsExactly(new Frame.NotePreferred(true));
  }

  /// A stranger announces much and sends little; only what has come may cost memory.
  @Test
  void anAnnouncedPayloadCostsNoMemoryUntilItComes() throws ProtocolException {
    List<FrameDecoder> decoders = new ArrayList<>();
    for (int i = 0;
        i < 20_000;
        i++) { // announced together: five times the heap that the tests have
      FrameDecoder decoder = FrameDecoder.forClientFrames();
      assertThat(read(decoder, frame(FrameType.CLIENT_INFO.code(), 262144, 1))).isEmpty();
      decoders.add(decoder);
    }
    assertThat(decoders).hasSize(20_000);
  }
}
