package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameType;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.frame.PeerPresentFlags;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// What the writer writes, the decoder reads, however it is cut.
class FrameRoundTripTest {
  private static final NodePublicKey A = NodePublicKey.parseHex("a1".repeat(32));
  private static final NodePublicKey B = NodePublicKey.parseHex("b2".repeat(32));

  private static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static List<Frame> clientFrames() {
    return List.of(
        new Frame.ClientInfo(A, noise(24), noise(60)),
        new Frame.ClientInfo(A, noise(24), noise(0)),
        new Frame.NotePreferred(true),
        new Frame.SendPacket(B, noise(0)),
        new Frame.SendPacket(B, noise(1)),
        new Frame.SendPacket(B, noise(1280)),
        new Frame.NotePreferred(false),
        new Frame.Ping(0x0102030405060708L),
        new Frame.WatchConns(),
        new Frame.ForwardPacket(A, B, noise(0)),
        new Frame.ForwardPacket(A, B, noise(77)),
        new Frame.ClosePeer(A),
        new Frame.Unknown(0x77, noise(0)),
        new Frame.Unknown(0xff, noise(Frame.Unknown.KEPT_BYTES)));
  }

  private static List<Frame> serverFrames() {
    return List.of(
        new Frame.ServerKey(A),
        new Frame.ServerInfo(noise(24), noise(29)),
        new Frame.KeepAlive(),
        new Frame.RecvPacket(B, noise(0)),
        new Frame.RecvPacket(B, noise(1400)),
        new Frame.PeerGone(A, PeerGoneReason.NOT_HERE),
        new Frame.PeerGone(A, 0xfe),
        new Frame.PeerPresent(
            A, new InetSocketAddress("192.0.2.7", 65535), PeerPresentFlags.REGULAR, ""),
        new Frame.PeerPresent(
            B, new InetSocketAddress("2001:db8::7", 443), PeerPresentFlags.NOT_IDEAL, "a tool"),
        new Frame.Ping(-1),
        new Frame.Pong(Long.MIN_VALUE),
        new Frame.Health("zwei Verbindungen für einen Schlüssel 🔑"),
        new Frame.Health(""),
        new Frame.Restarting(4_294_967_295L, 0),
        new Frame.KeepAlive());
  }

  private static byte[] written(List<Frame> frames) {
    ByteBuf out = Unpooled.buffer();
    frames.forEach(frame -> FrameWriter.writeFrame(out, frame));
    return ByteBufUtil.getBytes(out);
  }

  @Test
  void everyTypeIsInOneOfTheTwoLists() {
    Set<FrameType> seen = EnumSet.noneOf(FrameType.class);
    List<Frame> all = new ArrayList<>(clientFrames());
    all.addAll(serverFrames());
    for (Frame frame : all) {
      FrameType type = FrameType.fromCode(frame.typeCode());
      if (type != null) {
        seen.add(type);
      }
    }
    assertThat(seen).isEqualTo(EnumSet.allOf(FrameType.class));
  }

  @Test
  void framesArriveWhole() throws ProtocolException {
    assertThat(Fragments.whole(FrameDecoder.forClientFrames(), written(clientFrames())))
        .isEqualTo(clientFrames());
    assertThat(Fragments.whole(FrameDecoder.forServerFrames(), written(serverFrames())))
        .isEqualTo(serverFrames());
  }

  @Test
  void framesArriveSplitAtEveryByte() throws ProtocolException {
    byte[] fromClient = written(clientFrames());
    for (int at = 0; at <= fromClient.length; at++) {
      assertThat(Fragments.split(FrameDecoder.forClientFrames(), fromClient, at))
          .as("at %d", at)
          .isEqualTo(clientFrames());
    }
    byte[] fromServer = written(serverFrames());
    for (int at = 0; at <= fromServer.length; at++) {
      assertThat(Fragments.split(FrameDecoder.forServerFrames(), fromServer, at))
          .as("at %d", at)
          .isEqualTo(serverFrames());
    }
  }

  @Test
  void framesArriveOneByteAtATime() throws ProtocolException {
    assertThat(Fragments.singly(FrameDecoder.forClientFrames(), written(clientFrames())))
        .isEqualTo(clientFrames());
    assertThat(Fragments.singly(FrameDecoder.forServerFrames(), written(serverFrames())))
        .isEqualTo(serverFrames());
  }

  @Test
  void framesArriveCutAtRandom() throws ProtocolException {
    for (long seed = 0; seed < 200; seed++) {
      assertThat(Fragments.randomly(FrameDecoder.forClientFrames(), written(clientFrames()), seed))
          .as("seed %d", seed)
          .isEqualTo(clientFrames());
      assertThat(Fragments.randomly(FrameDecoder.forServerFrames(), written(serverFrames()), seed))
          .as("seed %d", seed)
          .isEqualTo(serverFrames());
    }
  }

  @Test
  void theLargestPacketArrivesInEveryKindOfFrame() throws ProtocolException {
    byte[] largest = noise(65536);
    List<Frame> fromClient =
        List.of(
            new Frame.SendPacket(A, largest),
            new Frame.ForwardPacket(A, B, largest),
            new Frame.NotePreferred(true));
    List<Frame> fromServer = List.of(new Frame.RecvPacket(A, largest), new Frame.KeepAlive());

    assertThat(Fragments.randomly(FrameDecoder.forClientFrames(), written(fromClient), 1))
        .isEqualTo(fromClient);
    assertThat(Fragments.randomly(FrameDecoder.forServerFrames(), written(fromServer), 1))
        .isEqualTo(fromServer);
  }

  @Test
  void aDecoderKnowsWhetherAFrameIsOnItsWay() throws ProtocolException {
    FrameDecoder decoder = FrameDecoder.forClientFrames();
    byte[] ping = written(List.of(new Frame.Ping(7)));
    assertThat(decoder.isBetweenFrames()).isTrue();
    for (int i = 0; i < ping.length; i++) {
      assertThat(decoder.isBetweenFrames()).as("before byte %d", i).isEqualTo(i == 0);
      Fragments.whole(decoder, Arrays.copyOfRange(ping, i, i + 1));
    }
    assertThat(decoder.isBetweenFrames()).isTrue();
  }

  @Test
  void framesWithTheSameBytesAreEqualAndOthersAreNot() {
    List<Frame> all = new ArrayList<>(clientFrames());
    all.addAll(
        serverFrames().subList(0, serverFrames().size() - 1)); // its last one is a second KeepAlive
    List<Frame> again = new ArrayList<>(clientFrames());
    again.addAll(serverFrames());
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        assertThat(all.get(i).equals(again.get(j)))
            .as("%s and %s", all.get(i), again.get(j))
            .isEqualTo(i == j);
      }
      assertThat(all.get(i)).hasSameHashCodeAs(again.get(i));
    }
  }
}
