package dev.derp4j.tls;

/// A client asks for a name that is not served. Thrown through the native library; without a stack,
/// since any stranger can cause it.
final class NameRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NameRefusedException() {
    super("no certificate for the name that was asked for", null, false, false);
  }
}
