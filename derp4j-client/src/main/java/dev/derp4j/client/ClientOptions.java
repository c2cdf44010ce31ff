package dev.derp4j.client;

import java.time.Duration;

/// What a connection and its making need to know of the client's settings.
///
/// @param canAckPings whether the server's pings are answered
/// @param keepConnected whether to connect again unasked
/// @param deadAfter how long without a frame a connection may be
record ClientOptions(boolean canAckPings, boolean keepConnected, Duration deadAfter) {}
