package dev.derp4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// A request that opens a WebSocket.
///
/// @param response what opens it on our side
/// @param speaksDerp whether the client offered our subprotocol. One that merely named something
///     alike gets its WebSocket, and in it the reason why it is closed
/// @param derp what the connection is upgraded to inside
record WebSocketUpgrade(String response, boolean speaksDerp, UpgradeRequest derp)
    implements Answer {

  ByteBuf responseBytes() {
    return Unpooled.copiedBuffer(response, StandardCharsets.US_ASCII);
  }
}
