package dev.derp4j.frame;

/// What a relay tells its mesh about a client: the bits of the flags byte of a [Frame.PeerPresent].
///
/// Zero comes only from servers too old to know the byte.
public final class PeerPresentFlags {
  /// None of the others: an ordinary client.
  public static final int REGULAR = 1;

  /// It showed the mesh key.
  public static final int MESH_PEER = 1 << 1;

  /// It said that it is a prober.
  public static final int PROBER = 1 << 2;

  /// It said that it would rather be on another node of the region.
  public static final int NOT_IDEAL = 1 << 3;

  private PeerPresentFlags() {}
}
