package dev.derp4j.client.watch;

import dev.derp4j.client.DerpMessage;
import java.io.IOException;

/// Hears who comes and goes. Called on the thread that runs the watch.
public interface WatchListener {
  /// A connection of a peer. Comes for each connection, so also for a peer that is there already.
  void present(DerpMessage.PeerPresent peer);

  /// A peer is gone: its last connection, or ours to the relay, in which case the reason is
  /// [dev.derp4j.frame.PeerGoneReason#MESH_CONNECTION_BROKE] and the peer may well be there still.
  void gone(DerpMessage.PeerGone peer);

  /// The relay could not be reached; it is tried again.
  default void failed(IOException cause) {}
}
