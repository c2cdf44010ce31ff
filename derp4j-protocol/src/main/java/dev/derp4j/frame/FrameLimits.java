package dev.derp4j.frame;

/// Sizes and numbers that every DERP implementation must agree on. All sizes are bytes.
public final class FrameLimits {
  /// One byte of type, four of length.
  public static final int HEADER_LENGTH = 5;

  /// The largest packet that a frame may carry, the keys in front of it not counted. An empty one
  /// is allowed.
  public static final int MAX_PACKET = 65536;

  /// The smallest payload of a ClientInfo frame: a key and a nonce.
  public static final int MIN_CLIENT_INFO = 56;

  /// The largest payload of a ClientInfo frame; its sender has proved nothing yet.
  public static final int MAX_CLIENT_INFO = 256 * 1024;

  /// The largest ServerInfo, and the largest frame of any type that a client takes from a server.
  public static final int MAX_SERVER_INFO = 1024 * 1024;

  /// The largest ServerKey frame that a client takes; 40 bytes have a meaning, the rest is for the
  /// future.
  public static final int MAX_SERVER_KEY = 1024;

  /// The largest frame of an unknown type that a server skips: as much as the largest SendPacket.
  public static final int MAX_UNKNOWN = MAX_PACKET + 32;

  /// The largest ping that a server tolerates; it echoes the first 8 bytes.
  public static final int MAX_PING = 1000;

  /// Length of the nonce in front of a box.
  public static final int NONCE_LENGTH = 24;

  /// What a ServerKey frame begins with: the UTF-8 bytes of `DERP🔑`, `44 45 52 50 f0 9f 94 91`.
  public static final long MAGIC = 0x4445_5250_f09f_9491L;

  /// The protocol version that both sides state, in the `Derp-Version` header and in the infos.
  public static final int PROTOCOL_VERSION = 2;

  private FrameLimits() {}
}
