package dev.derp4j.session;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/// The far end of a relaying connection: sends frames or raw bytes, and reads what the kernel has
/// taken for it.
final class TestClient {
  final ScriptedChannel channel;
  final RelaySession session;
  private final TestRelay relay;
  private final FrameDecoder decoder = FrameDecoder.forServerFrames();

  TestClient(TestRelay relay, ScriptedChannel channel, RelaySession session) {
    this.relay = relay;
    this.channel = channel;
    this.session = session;
  }

  NodePublicKey key() {
    return session.key();
  }

  /// Sends frames, which arrive in one read.
  void send(Frame... frames) {
    sendBytes(bytes(frames));
  }

  /// Sends bytes, which arrive in one read.
  void sendBytes(byte[] bytes) {
    relay.does(() -> channel.arrive(bytes));
  }

  /// Sends bytes that arrive with the loop's next turn.
  void sendLater(Frame... frames) {
    relay.later(() -> channel.arrive(bytes(frames)));
  }

  /// All frames that have come out since this was last asked.
  List<Frame> received() {
    List<Frame> frames = new ArrayList<>();
    try {
      decoder.decode(Unpooled.wrappedBuffer(channel.taken()), frames::add);
    } catch (ProtocolException broken) {
      throw new AssertionError("the relay broke the protocol", broken);
    }
    return frames;
  }

  /// The packets among them.
  List<Frame.RecvPacket> receivedPackets() {
    return received().stream()
        .filter(Frame.RecvPacket.class::isInstance)
        .map(Frame.RecvPacket.class::cast)
        .toList();
  }

  boolean isClosed() {
    return !channel.isOpen();
  }

  static byte[] bytes(Frame... frames) {
    ByteBuf out = Unpooled.buffer();
    for (Frame frame : frames) {
      FrameWriter.writeFrame(out, frame);
    }
    return ByteBufUtil.getBytes(out);
  }

  /// Just the five bytes in front of a frame.
  static byte[] header(int type, long length) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(type).writeInt((int) length);
    return ByteBufUtil.getBytes(out);
  }
}
