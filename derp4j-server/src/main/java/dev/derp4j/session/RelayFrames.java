package dev.derp4j.session;

import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;

/// Frames where they lie: reading heads and turning SendPacket and ForwardPacket into RecvPacket
/// without moving the payload.
///
/// ```
/// SendPacket     04 | length        | destination (32) | payload
/// RecvPacket     05 | length        | source (32)      | payload      same place, same length
///
/// ForwardPacket  0a | length | source (32) | destination (32)        | payload
/// RecvPacket                                05 | length-32 | source (32) | payload
///                              the new head ends where the old one does
/// ```
public final class RelayFrames {
  /// Type byte and four length bytes.
  public static final int HEADER = FrameLimits.HEADER_LENGTH;

  static final int SEND_PACKET = FrameType.SEND_PACKET.code();
  static final int RECV_PACKET = FrameType.RECV_PACKET.code();
  static final int FORWARD_PACKET = FrameType.FORWARD_PACKET.code();

  /// Length of a key.
  public static final int KEY = NodePublicKey.LENGTH;

  /// What stands before the payload in SendPacket and RecvPacket.
  public static final int PACKET_HEAD = HEADER + KEY;

  /// What stands before the payload in ForwardPacket.
  static final int FORWARD_HEAD = HEADER + 2 * KEY;

  static final int MAX_PACKET = FrameLimits.MAX_PACKET;

  private static final int DISCO_MIN = 62;
  private static final int DISCO_MAGIC_HEAD = 0x5453f09f;
  private static final short DISCO_MAGIC_TAIL = (short) 0x92ac;

  private RelayFrames() {}

  /// Length of the whole frame at `index`, header included.
  public static int frameLength(ByteBuf buf, int index) {
    return HEADER + buf.getInt(index + 1);
  }

  /// Whether a payload is a path-discovery packet: at least 62 bytes that begin `TS💬`.
  static boolean isDisco(ByteBuf buf, int payload, int length) {
    return length >= DISCO_MIN
        && buf.getInt(payload) == DISCO_MAGIC_HEAD
        && buf.getShort(payload + 4) == DISCO_MAGIC_TAIL;
  }

  /// Turns the SendPacket at `index` into a RecvPacket from `source`.
  static void sendToRecv(ByteBuf buf, int index, NodePublicKey source) {
    buf.setByte(index, RECV_PACKET);
    source.set(buf, index + HEADER);
  }

  /// Appends the RecvPacket at `index` to `out` as a ForwardPacket to `destination`.
  ///
  /// ```
  /// RecvPacket     05 | length    | source (32)                    | payload
  /// ForwardPacket  0a | length+32 | source (32) | destination (32) | payload
  /// ```
  public static void recvToForward(ByteBuf buf, int index, NodePublicKey destination, ByteBuf out) {
    int length = buf.getInt(index + 1);
    out.writeByte(FORWARD_PACKET).writeInt(length + KEY);
    out.writeBytes(buf, index + HEADER, KEY);
    destination.write(out);
    out.writeBytes(buf, index + PACKET_HEAD, length - KEY);
  }

  /// Turns the ForwardPacket at `index` into a RecvPacket, whose head starts 32 bytes later.
  static void forwardToRecv(ByteBuf buf, int index, NodePublicKey source) {
    int length = buf.getInt(index + 1);
    int head = index + KEY;
    source.set(buf, head + HEADER);
    buf.setByte(head, RECV_PACKET);
    buf.setInt(head + 1, length - KEY);
  }
}
