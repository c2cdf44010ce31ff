package dev.derp4j.client;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/// What failures are called towards the user of a client.
final class Reason {
  private static final int SHOWN = 200;

  private Reason() {}

  /// One printable line.
  static String of(Throwable failure) {
    String text = failure.getMessage();
    String line =
        (text == null ? failure.getClass().getSimpleName() : text).replaceAll("[^ -~]+", " ");
    return line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line;
  }

  /// The failure without the wrappers of futures, as what callers catch.
  static IOException asIo(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof IOException io ? io : new IOException(of(cause), cause);
  }
}
