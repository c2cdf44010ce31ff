package dev.derp4j.mesh;

import dev.derp4j.key.NodePublicKey;
import java.time.Instant;
import java.util.Optional;

/// What is known of one neighbour at a moment.
///
/// Packets and bytes count from the start of this relay; bytes are those of payloads.
///
/// @param name its entry in the list, or `name/address` where a name stands for several
/// @param state what its dial is doing
/// @param address where the connection goes, while there is one
/// @param serverKey the neighbour's own key, once it was connected
/// @param since when the state began
/// @param keys how many keys it has told of, its own mesh connections among them
/// @param packetsOut packets written to it
/// @param packetsIn packets that it forwarded to us over its own connection
/// @param dropped packets for it that were not delivered, by reason
/// @param connects how often a connection came to stand
/// @param lastError the last thing that went wrong, in one line
/// @param lastErrorAt when that was
public record NeighbourStatus(
    String name,
    State state,
    Optional<String> address,
    Optional<NodePublicKey> serverKey,
    Instant since,
    int keys,
    long packetsOut,
    long bytesOut,
    long packetsIn,
    long bytesIn,
    Drops dropped,
    long connects,
    Optional<String> lastError,
    Optional<Instant> lastErrorAt) {

  /// What a neighbour's dial is doing.
  public enum State {
    /// A connection is being made.
    DIALLING("dialling"),
    /// The connection stands.
    CONNECTED("connected"),
    /// The last dial failed or the connection broke; the next dial comes in a few seconds.
    WAITING("waiting"),
    /// At the other end is this relay itself: nothing more happens.
    SELF("self");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /// In pages and JSON.
    public String text() {
      return text;
    }
  }

  /// Packets for a neighbour that were not delivered.
  ///
  /// @param queueFull the oldest of a full queue
  /// @param disconnected those that waited when the connection ended, or came behind it
  public record Drops(long queueFull, long disconnected) {
    /// All of them.
    public long all() {
      return queueFull + disconnected;
    }
  }

  /// How often the connection was made again.
  public long reconnects() {
    return Math.max(0, connects - 1);
  }
}
