package dev.derp4j.mesh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said of one neighbour, in the original's words: `mesh("<host>"): …`.
///
/// A neighbour that is down fails to be dialled every five seconds; that is said once, again when
/// the reason changes, and every ten minutes. Owned by the neighbour's loop.
final class MeshLog {
  private static final Logger LOG = LoggerFactory.getLogger(MeshLog.class);
  private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int MAX_REASON = 1500;

  private final String prefix;
  private String lastTrouble = "";
  private long lastTroubleNanos;
  private int repeats;

  MeshLog(String host) {
    this.prefix = "mesh(\"" + host + "\"): ";
  }

  void say(String what) {
    LOG.info("{}{}", prefix, what);
  }

  void detail(String what) {
    LOG.debug("{}{}", prefix, what);
  }

  /// Something went wrong, perhaps again.
  void trouble(String what, long nowNanos) {
    if (what.equals(lastTrouble) && nowNanos - lastTroubleNanos < REPEAT_NANOS) {
      repeats++;
      return;
    }
    LOG.info(
        "{}{}{}", prefix, what, repeats > 0 ? " (" + repeats + " like the last left out)" : "");
    lastTrouble = what;
    lastTroubleNanos = nowNanos;
    repeats = 0;
  }

  /// All is well again: the next trouble is news.
  void well() {
    lastTrouble = "";
    repeats = 0;
  }

  /// One line for an exception.
  static String reason(Throwable cause) {
    String message = cause.getMessage();
    String text =
        cause instanceof IOException && message != null
            ? message
            : cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    String line = text.replaceAll("[\\r\\n]+", " ");
    return line.length() > MAX_REASON ? line.substring(0, MAX_REASON) : line;
  }
}
