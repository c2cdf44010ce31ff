package dev.derp4j.frame;

import org.jspecify.annotations.Nullable;

import static dev.derp4j.frame.FrameLimits.MAX_CLIENT_INFO;
import static dev.derp4j.frame.FrameLimits.MAX_PACKET;
import static dev.derp4j.frame.FrameLimits.MAX_PING;
import static dev.derp4j.frame.FrameLimits.MAX_SERVER_INFO;
import static dev.derp4j.frame.FrameLimits.MAX_SERVER_KEY;
import static dev.derp4j.frame.FrameLimits.MIN_CLIENT_INFO;

/// The types of DERP frames with their wire codes, who may send them, and how long they may be.
///
/// Every frame begins with the same header, integers big-endian:
///
/// ```text
///  0      1                           5
///  +------+------+------+------+------+----------------
///  | code | payload length, unsigned  | payload …
///  +------+------+------+------+------+----------------
/// ```
///
/// The length rule is about the payload, in bytes. A server holds clients to it and disconnects
/// those that break it. A client is more patient: it skips a frame too short for its type, ignores
/// what is behind the bytes that it knows, and takes up to [FrameLimits#MAX_SERVER_INFO] bytes of
/// any type but ServerKey.
public enum FrameType {
  /// First frame of a connection; see [Frame.ServerKey].
  SERVER_KEY(0x01, Sender.SERVER, 40, MAX_SERVER_KEY),
  /// See [Frame.ClientInfo].
  CLIENT_INFO(0x02, Sender.CLIENT, MIN_CLIENT_INFO, MAX_CLIENT_INFO),
  /// See [Frame.ServerInfo].
  SERVER_INFO(0x03, Sender.SERVER, FrameLimits.NONCE_LENGTH, MAX_SERVER_INFO),
  /// See [Frame.SendPacket].
  SEND_PACKET(0x04, Sender.CLIENT, 32, 32 + MAX_PACKET),
  /// See [Frame.RecvPacket].
  RECV_PACKET(0x05, Sender.SERVER, 32, 32 + MAX_PACKET),
  /// See [Frame.KeepAlive].
  KEEP_ALIVE(0x06, Sender.SERVER, 0, 0),
  /// See [Frame.NotePreferred].
  NOTE_PREFERRED(0x07, Sender.CLIENT, 1, 1),
  /// See [Frame.PeerGone].
  PEER_GONE(0x08, Sender.SERVER, 32, 33),
  /// See [Frame.PeerPresent].
  PEER_PRESENT(0x09, Sender.SERVER, 32, 52 + 255),
  /// See [Frame.ForwardPacket].
  FORWARD_PACKET(0x0a, Sender.CLIENT, 64, 64 + MAX_PACKET),
  /// See [Frame.WatchConns].
  WATCH_CONNS(0x10, Sender.CLIENT, 0, 0),
  /// See [Frame.ClosePeer].
  CLOSE_PEER(0x11, Sender.CLIENT, 32, 32),
  /// See [Frame.Ping].
  PING(0x12, Sender.BOTH, 8, MAX_PING),
  /// See [Frame.Pong]. A server may never ask, so to it a client's pong is an unknown type.
  PONG(0x13, Sender.SERVER, 8, 8),
  /// See [Frame.Health].
  HEALTH(0x14, Sender.SERVER, 0, MAX_SERVER_INFO),
  /// See [Frame.Restarting].
  RESTARTING(0x15, Sender.SERVER, 8, 8);

  private enum Sender {
    CLIENT,
    SERVER,
    BOTH
  }

  private static final @Nullable FrameType[] BY_CODE = new @Nullable FrameType[256];

  static {
    for (FrameType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final Sender sender;
  private final int minimumLength;
  private final int maximumLength;

  FrameType(int code, Sender sender, int minimumLength, int maximumLength) {
    this.code = code;
    this.sender = sender;
    this.minimumLength = minimumLength;
    this.maximumLength = maximumLength;
  }

  /// The type with this code, or `null` for one that we do not know, whatever the number.
  public static @Nullable FrameType fromCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }

  /// The first byte of such a frame, 0 to 255.
  public int code() {
    return code;
  }

  /// The fewest payload bytes that such a frame may have.
  public int minimumLength() {
    return minimumLength;
  }

  /// The most payload bytes that such a frame may have.
  public int maximumLength() {
    return maximumLength;
  }

  /// Whether a payload of this many bytes keeps the length rule; pass the length as the unsigned
  /// number it is.
  public boolean allowsLength(long length) {
    return length >= minimumLength && length <= maximumLength;
  }

  /// Whether a server understands this type when a client sends it.
  public boolean sentByClient() {
    return sender != Sender.SERVER;
  }

  /// Whether a client understands this type when a server sends it.
  public boolean sentByServer() {
    return sender != Sender.CLIENT;
  }
}
