package dev.derp4j.cli;

/// A command that cannot start as it was told to. The message is one line for the operator.
final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  StartException(String line) {
    super(line, null, false, false);
  }

  /// The line to tell.
  String line() {
    return String.valueOf(getMessage());
  }
}
