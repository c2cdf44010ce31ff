package dev.derp4j.cli.flags;

/// A flag's value that cannot be read. The message says why, in the words that Go has for it.
final class BadValueException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private BadValueException(String reason) {
    super(reason, null, false, false);
  }

  static BadValueException malformed() {
    return new BadValueException("parse error");
  }

  static BadValueException outOfRange() {
    return new BadValueException("value out of range");
  }
}
