package dev.derp4j.client.dial;

import dev.derp4j.frame.FrameLimits;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import java.util.Optional;

/// Who dials: what the server is told in ClientInfo.
///
/// @param key the own node key
/// @param meshKey the region's secret, for those who may watch and forward
/// @param canAckPings whether pings of the server are answered
/// @param isProber whether this is a prober
/// @param appName a name for the server's statistics, empty for none
public record DerpIdentity(
    NodePrivateKey key,
    Optional<MeshKey> meshKey,
    boolean canAckPings,
    boolean isProber,
    String appName) {

  /// @throws IllegalArgumentException if the app name breaks [ClientInfo#isValidAppName]
  public DerpIdentity {
    if (!ClientInfo.isValidAppName(appName)) {
      throw new IllegalArgumentException(
          "app name: at most " + ClientInfo.MAX_APP_NAME + " characters of printable ASCII");
    }
  }

  /// An ordinary client that answers pings.
  public static DerpIdentity of(NodePrivateKey key) {
    return new DerpIdentity(key, Optional.empty(), true, false, "");
  }

  ClientInfo toClientInfo() {
    return new ClientInfo(FrameLimits.PROTOCOL_VERSION, canAckPings, isProber, appName, meshKey);
  }
}
