package dev.derp4j.session;

import dev.derp4j.frame.PeerPresentFlags;

/// The flags byte of a connection's PeerPresent frames.
final class PresenceFlags {
  private PresenceFlags() {}

  /// A client that is nothing special is "regular"; any other flag excludes that one.
  static int of(RelaySession.Identity identity) {
    int flags =
        (identity.prober() ? PeerPresentFlags.PROBER : 0)
            | (identity.meshPeer() ? PeerPresentFlags.MESH_PEER : 0)
            | (identity.notIdeal() ? PeerPresentFlags.NOT_IDEAL : 0);
    return flags == 0 ? PeerPresentFlags.REGULAR : flags;
  }
}
