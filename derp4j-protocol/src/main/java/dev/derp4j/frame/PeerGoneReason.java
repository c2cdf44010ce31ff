package dev.derp4j.frame;

/// Why a peer is gone: the byte behind the key of a [Frame.PeerGone]. Other values may come some
/// day.
public final class PeerGoneReason {
  /// The peer was connected here, or known through the mesh, and left. Also what a missing byte
  /// means.
  public static final int DISCONNECTED = 0x00;

  /// The relay does not know the peer that a packet was for.
  public static final int NOT_HERE = 0x01;

  /// Invented by a mesh watcher whose own connection broke; never on the wire.
  public static final int MESH_CONNECTION_BROKE = 0xf0;

  private PeerGoneReason() {}
}
