package dev.derp4j.client.dial;

import java.util.Locale;

/// The steps from an endpoint to an established DERP channel, in their order.
public enum DialStep {
  /// Turning names into addresses.
  DNS,
  /// The TCP connection, to the server or to the proxy.
  TCP,
  /// TLS with the proxy, and the tunnel through it.
  PROXY,
  /// TLS with the server, and whether it is whom it should be.
  TLS,
  /// The HTTP request that turns the connection into one of DERP.
  UPGRADE,
  /// ServerKey, ClientInfo, ServerInfo.
  HANDSHAKE;

  /// How messages name the step.
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
