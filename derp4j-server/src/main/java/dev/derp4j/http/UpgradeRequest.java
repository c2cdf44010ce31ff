package dev.derp4j.http;

/// What a client said when it asked for DERP.
///
/// @param fastStart the client knows the server's key already: no HTTP response is to be sent, the
///     first bytes are
///     the first frame
/// @param notIdeal the client would rather be on another node of the region
/// @param userAgent as sent, so anything at all; empty if missing
/// @param webSocket the connection is a WebSocket, which is opened by its own response before the
///     first frame
public record UpgradeRequest(
    boolean fastStart, boolean notIdeal, String userAgent, boolean webSocket) implements Answer {}
