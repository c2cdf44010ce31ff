package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Appends frames to a buffer. Layouts are drawn at the records of [Frame].
///
/// Stateless; every method writes at the buffer's writer index and lets the buffer grow. What a
/// caller of ours gets wrong is an [IllegalArgumentException] before the first byte is written, so
/// that a buffer never ends in half a frame.
public final class FrameWriter {
  private static final int IP_LENGTH = 16;
  private static final int PEER_PRESENT_FIXED = NodePublicKey.LENGTH + IP_LENGTH + 2 + 1 + 1;

  private FrameWriter() {}

  /// Appends the 5-byte header: type 0 to 255, then the payload's length.
  public static void writeHeader(ByteBuf out, int type, int length) {
    if (type < 0 || type > 0xff || length < 0) {
      throw new IllegalArgumentException("frame header with type " + type + ", length " + length);
    }
    out.writeByte(type);
    out.writeInt(length);
  }

  private static void writeHeader(ByteBuf out, FrameType type, int length) {
    out.writeByte(type.code());
    out.writeInt(length);
  }

  /// Appends the server's greeting, 45 bytes.
  public static void writeServerKey(ByteBuf out, NodePublicKey serverKey) {
    writeHeader(out, FrameType.SERVER_KEY, Long.BYTES + NodePublicKey.LENGTH);
    out.writeLong(FrameLimits.MAGIC);
    serverKey.write(out);
  }

  /// Appends a ServerInfo whose nonce and box are already in one piece, as
  /// [dev.derp4j.handshake.SharedBox#sealWithRandomNonce] gives them.
  public static void writeServerInfo(ByteBuf out, byte[] nonceAndBox) {
    checkLength(FrameType.SERVER_INFO, nonceAndBox.length);
    writeHeader(out, FrameType.SERVER_INFO, nonceAndBox.length);
    out.writeBytes(nonceAndBox);
  }

  /// Appends a ClientInfo whose nonce and box are already in one piece.
  public static void writeClientInfo(ByteBuf out, NodePublicKey clientKey, byte[] nonceAndBox) {
    int length = NodePublicKey.LENGTH + nonceAndBox.length;
    checkLength(FrameType.CLIENT_INFO, length);
    writeHeader(out, FrameType.CLIENT_INFO, length);
    clientKey.write(out);
    out.writeBytes(nonceAndBox);
  }

  /// Appends a client's packet for `destination`.
  public static void writeSendPacket(ByteBuf out, NodePublicKey destination, byte[] payload) {
    writeKeyedPacket(out, FrameType.SEND_PACKET, destination, payload);
  }

  /// Appends a packet from `source` for a client.
  public static void writeRecvPacket(ByteBuf out, NodePublicKey source, byte[] payload) {
    writeKeyedPacket(out, FrameType.RECV_PACKET, source, payload);
  }

  private static void writeKeyedPacket(
      ByteBuf out, FrameType type, NodePublicKey key, byte[] payload) {
    int length = NodePublicKey.LENGTH + payload.length;
    checkLength(type, length);
    writeHeader(out, type, length);
    key.write(out);
    out.writeBytes(payload);
  }

  /// Appends a packet that goes through the mesh.
  public static void writeForwardPacket(
      ByteBuf out, NodePublicKey source, NodePublicKey destination, byte[] payload) {
    int length = 2 * NodePublicKey.LENGTH + payload.length;
    checkLength(FrameType.FORWARD_PACKET, length);
    writeHeader(out, FrameType.FORWARD_PACKET, length);
    source.write(out);
    destination.write(out);
    out.writeBytes(payload);
  }

  /// Appends a KeepAlive, 5 bytes.
  public static void writeKeepAlive(ByteBuf out) {
    writeHeader(out, FrameType.KEEP_ALIVE, 0);
  }

  /// Appends whether the relay is the client's home.
  public static void writeNotePreferred(ByteBuf out, boolean preferred) {
    writeHeader(out, FrameType.NOTE_PREFERRED, 1);
    out.writeByte(preferred ? 1 : 0);
  }

  /// Appends that `peer` is gone, for one of the reasons of [dev.derp4j.frame.PeerGoneReason]; 38
  /// bytes.
  public static void writePeerGone(ByteBuf out, NodePublicKey peer, int reason) {
    writeHeader(out, FrameType.PEER_GONE, NodePublicKey.LENGTH + 1);
    peer.write(out);
    out.writeByte(reason);
  }

  /// Appends that `peer` is here: its address as 16 bytes (IPv4 as `::ffff:a.b.c.d`), its port,
  /// flags of [dev.derp4j.frame.PeerPresentFlags], and the app name, at most 255 bytes.
  public static void writePeerPresent(
      ByteBuf out, NodePublicKey peer, byte[] ip16, int port, int flags, byte[] appName) {
    if (ip16.length != IP_LENGTH || appName.length > 0xff) {
      throw new IllegalArgumentException(
          "PeerPresent with " + ip16.length + " bytes of IP, " + appName.length + " of app name");
    }
    writeHeader(out, FrameType.PEER_PRESENT, PEER_PRESENT_FIXED + appName.length);
    peer.write(out);
    out.writeBytes(ip16);
    out.writeShort(port);
    out.writeByte(flags);
    out.writeByte(appName.length);
    out.writeBytes(appName);
  }

  /// Appends a request for the region's presence, 5 bytes.
  public static void writeWatchConns(ByteBuf out) {
    writeHeader(out, FrameType.WATCH_CONNS, 0);
  }

  /// Appends the wish that `peer` be disconnected.
  public static void writeClosePeer(ByteBuf out, NodePublicKey peer) {
    writeHeader(out, FrameType.CLOSE_PEER, NodePublicKey.LENGTH);
    peer.write(out);
  }

  /// Appends a ping with 8 bytes, 13 bytes in all.
  public static void writePing(ByteBuf out, long data) {
    writeHeader(out, FrameType.PING, Long.BYTES);
    out.writeLong(data);
  }

  /// Appends the answer to a ping, 13 bytes.
  public static void writePong(ByteBuf out, long data) {
    writeHeader(out, FrameType.PONG, Long.BYTES);
    out.writeLong(data);
  }

  /// Appends a problem of the connection as UTF-8; the empty text takes it back.
  public static void writeHealth(ByteBuf out, String problem) {
    int length = ByteBufUtil.utf8Bytes(problem);
    checkLength(FrameType.HEALTH, length);
    writeHeader(out, FrameType.HEALTH, length);
    out.writeCharSequence(problem, StandardCharsets.UTF_8);
  }

  /// Appends that the server restarts: reconnect in so many milliseconds, then try for so many.
  /// Both are unsigned on the wire.
  public static void writeRestarting(ByteBuf out, int reconnectInMs, int tryForMs) {
    writeHeader(out, FrameType.RESTARTING, 2 * Integer.BYTES);
    out.writeInt(reconnectInMs);
    out.writeInt(tryForMs);
  }

  /// Appends any frame.
  ///
  /// @throws IllegalArgumentException if it is longer than its type allows, or an [Frame.Unknown]
  ///     of which only the beginning was kept
  public static void writeFrame(ByteBuf out, Frame frame) {
    switch (frame) {
      case Frame.ServerKey(NodePublicKey serverKey) -> writeServerKey(out, serverKey);
      case Frame.ClientInfo(NodePublicKey clientKey, byte[] nonce, byte[] box) ->
          writeClientInfo(out, clientKey, joined(nonce, box));
      case Frame.ServerInfo(byte[] nonce, byte[] box) -> writeServerInfo(out, joined(nonce, box));
      case Frame.SendPacket(NodePublicKey destination, byte[] payload) ->
          writeSendPacket(out, destination, payload);
      case Frame.RecvPacket(NodePublicKey source, byte[] payload) ->
          writeRecvPacket(out, source, payload);
      case Frame.ForwardPacket(NodePublicKey source, NodePublicKey destination, byte[] payload) ->
          writeForwardPacket(out, source, destination, payload);
      case Frame.KeepAlive() -> writeKeepAlive(out);
      case Frame.NotePreferred(boolean preferred) -> writeNotePreferred(out, preferred);
      case Frame.PeerGone(NodePublicKey peer, int reason) -> writePeerGone(out, peer, reason);
      case Frame.PeerPresent present -> writePeerPresent(out, present);
      case Frame.WatchConns() -> writeWatchConns(out);
      case Frame.ClosePeer(NodePublicKey peer) -> writeClosePeer(out, peer);
      case Frame.Ping(long data) -> writePing(out, data);
      case Frame.Pong(long data) -> writePong(out, data);
      case Frame.Health(String problem) -> writeHealth(out, problem);
      case Frame.Restarting(long reconnectInMs, long tryForMs) ->
          writeRestarting(out, (int) reconnectInMs, (int) tryForMs);
      case Frame.Unknown(int type, int length, byte[] payload) ->
          writeUnknown(out, type, length, payload);
    }
  }

  private static void writePeerPresent(ByteBuf out, Frame.PeerPresent present) {
    InetSocketAddress address = present.address();
    writePeerPresent(
        out,
        present.peer(),
        ip16(address == null ? null : address.getAddress()),
        address == null ? 0 : address.getPort(),
        present.flags(),
        present.appName().getBytes(StandardCharsets.ISO_8859_1));
  }

  /// The 16 bytes that stand for an address in a PeerPresent: IPv4 as `::ffff:a.b.c.d`, zeros for
  /// `null`.
  public static byte[] ip16(@Nullable InetAddress address) {
    byte[] ip16 = new byte[IP_LENGTH];
    if (address == null) {
      return ip16;
    }
    byte[] raw = address.getAddress();
    if (raw.length == IP_LENGTH) {
      return raw;
    }
    ip16[10] = (byte) 0xff;
    ip16[11] = (byte) 0xff;
    System.arraycopy(raw, 0, ip16, IP_LENGTH - raw.length, raw.length);
    return ip16;
  }

  private static void writeUnknown(ByteBuf out, int type, int length, byte[] payload) {
    if (payload.length != length) {
      throw new IllegalArgumentException(
          "only " + payload.length + " of " + length + " bytes of the unknown frame were kept");
    }
    writeHeader(out, type, length);
    out.writeBytes(payload);
  }

  private static void checkLength(FrameType type, int length) {
    if (!type.allowsLength(length)) {
      throw new IllegalArgumentException("frame " + type + " cannot have " + length + " bytes");
    }
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = new byte[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
