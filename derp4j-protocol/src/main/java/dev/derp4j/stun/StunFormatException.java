package dev.derp4j.stun;

import java.io.Serial;

/// A datagram that is no usable answer. It carries no stack trace: whoever can send us a packet can
/// cause one.
public final class StunFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  StunFormatException(String message) {
    super(message, null, false, false);
  }
}
