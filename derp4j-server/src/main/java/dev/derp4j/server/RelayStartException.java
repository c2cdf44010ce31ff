package dev.derp4j.server;

/// Why a relay cannot start: one line for the operator.
public final class RelayStartException extends Exception {
  private static final long serialVersionUID = 1L;

  public RelayStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
