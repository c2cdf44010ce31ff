package dev.derp4j.reload;

/// What was read again is no good. The message is one line that tells an operator why.
public final class ReloadException extends Exception {
  private static final long serialVersionUID = 1;

  public ReloadException(String line) {
    super(line);
  }

  public ReloadException(String line, Throwable cause) {
    super(line, cause);
  }
}
