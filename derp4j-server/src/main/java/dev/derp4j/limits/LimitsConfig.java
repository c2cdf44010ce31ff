package dev.derp4j.limits;

import java.nio.file.Path;
import java.util.Optional;

/// Which limits there are. Immutable.
///
/// @param rateFile the file with the limits for all, read again when it changes
/// @param accepts how many TLS connections are accepted; empty for what the machine can bear
public record LimitsConfig(Optional<Path> rateFile, Optional<AcceptLimit> accepts) {
  /// Connections are accepted as fast as the machine can bear; nothing else is limited.
  public static final LimitsConfig STANDARD = new LimitsConfig(Optional.empty(), Optional.empty());

  public LimitsConfig withRateFile(Path file) {
    return new LimitsConfig(Optional.of(file), accepts);
  }

  public LimitsConfig withAccepts(AcceptLimit limit) {
    return new LimitsConfig(rateFile, Optional.of(limit));
  }
}
