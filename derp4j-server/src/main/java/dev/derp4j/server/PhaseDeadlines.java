package dev.derp4j.server;

import dev.derp4j.http.HttpSite;
import dev.derp4j.session.HandshakePhase;
import dev.derp4j.tls.ServerTlsConfig;
import java.time.Duration;

/// How long a connection may take for each phase before it is relaying. Beyond it, it is closed:
/// strangers who begin and never finish are the cheapest way to exhaust a server.
///
/// No operator needs others than the standard ones; tests cannot wait that long.
///
/// @param tls from the accept to the end of the TLS handshake
/// @param http from the first byte of a request to the end of its head, and before that byte
/// @param clientInfo from the upgrade to the ClientInfo frame
record PhaseDeadlines(Duration tls, Duration http, Duration clientInfo) {
  static final PhaseDeadlines STANDARD =
      new PhaseDeadlines(
          ServerTlsConfig.HANDSHAKE_TIMEOUT, HttpSite.READ_TIMEOUT, HandshakePhase.DEADLINE);
}
