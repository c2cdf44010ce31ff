package dev.derp4j.session;

import dev.derp4j.metrics.CloseReason;

/// Why one connection has to end: what the other side did, or what became of the network.
///
/// Thrown on input of strangers, so it carries no stack trace.
final class SessionFault extends Exception {
  private static final long serialVersionUID = 1L;

  private final CloseReason reason;

  SessionFault(CloseReason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  static SessionFault malformed(String message) {
    return new SessionFault(CloseReason.PROTOCOL_ERROR, message);
  }

  static SessionFault forbidden() {
    return new SessionFault(CloseReason.INSUFFICIENT_PERMISSIONS, "insufficient permissions");
  }

  CloseReason reason() {
    return reason;
  }
}
