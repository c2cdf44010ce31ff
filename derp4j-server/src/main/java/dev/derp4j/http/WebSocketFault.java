package dev.derp4j.http;

import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;

/// The client broke a rule of the WebSocket. Hostile input by assumption: no stack trace.
final class WebSocketFault extends CorruptedFrameException {
  private static final long serialVersionUID = 1L;

  private final transient WebSocketCloseStatus status;

  /// @param why one line of our own words, fit for the log and for the client
  WebSocketFault(WebSocketCloseStatus status, String why) {
    super("WebSocket: " + why);
    this.status = status;
  }

  WebSocketCloseStatus status() {
    return status;
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
