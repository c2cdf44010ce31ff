package dev.derp4j.cli.flags;

/// A command line that asks for help, or that cannot be understood. Either ends with the usage
/// text on standard error.
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1;

  private final int exitStatus;

  private UsageException(String message, int exitStatus) {
    super(message, null, false, false);
    this.exitStatus = exitStatus;
  }

  static UsageException help() {
    return new UsageException("", 0);
  }

  static UsageException mistake(String line) {
    return new UsageException(line, 2);
  }

  /// 0 when help was asked for, 2 after a mistake.
  public int exitStatus() {
    return exitStatus;
  }

  /// The line to print above the usage text; empty when help was asked for.
  public String line() {
    return String.valueOf(getMessage());
  }
}
