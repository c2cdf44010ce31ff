package dev.derp4j.http;

import java.util.function.Supplier;

/// What becomes of a request.
sealed interface Answer
    permits Response, UpgradeRequest, WebSocketUpgrade, ConnectTarget, Answer.Slow {

  /// A response whose making may take longer than an event loop should be kept from its packets.
  record Slow(Supplier<Response> work) implements Answer {}
}
