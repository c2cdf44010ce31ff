package dev.derp4j.tls.acme;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Why there is no certificate: one line for the operator.
public final class AcmeException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 500;

  private final String kind;
  private final transient @Nullable Instant retryAfter;

  /// @param kind what failures of one sort have in common, however their words differ
  public AcmeException(String kind, String words) {
    this(kind, words, null);
  }

  AcmeException(String kind, String words, @Nullable Instant retryAfter) {
    super(oneLine(words), null, false, false);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  /// An authority's words are a stranger's: they neither end the line nor fill the log.
  private static String oneLine(String words) {
    String line = words.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
  }

  /// What failures of one sort have in common.
  public String kind() {
    return kind;
  }

  /// When the authority wants to be asked again, if it said so.
  public Optional<Instant> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
