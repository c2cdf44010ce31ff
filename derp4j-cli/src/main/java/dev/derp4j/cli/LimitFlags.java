package dev.derp4j.cli;

import dev.derp4j.cli.flags.Flag;
import dev.derp4j.cli.flags.FlagSet;
import dev.derp4j.cli.flags.GoText;
import dev.derp4j.limits.AcceptLimit;
import dev.derp4j.limits.LimitsConfig;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// The flags that say how many and how fast.
final class LimitFlags {
  private final Flag<Double> acceptLimit;
  private final Flag<Long> acceptBurst;
  private final Flag<String> rateConfig;

  LimitFlags(FlagSet set) {
    acceptLimit =
        set.decimal(
            "accept-connection-limit",
            Double.POSITIVE_INFINITY,
            "TLS connections accepted per second, +Inf for all that come; if not given, what the "
                + "machine can bear");
    acceptBurst =
        set.integer(
            "accept-connection-burst",
            Long.MAX_VALUE,
            "TLS connections accepted at once beyond that; if not given, those of one second");
    rateConfig =
        set.string(
            "rate-config",
            "",
            "JSON file with rate limits; read again on SIGHUP and when it changes");
  }

  /// @throws StartException if a value makes no sense
  LimitsConfig config() throws StartException {
    LimitsConfig config = LimitsConfig.STANDARD;
    if (acceptLimit.given()) {
      config = config.withAccepts(acceptLimit());
    }
    if (!rateConfig.value().isEmpty()) {
      try {
        config = config.withRateFile(Path.of(rateConfig.value()));
      } catch (InvalidPathException e) {
        throw new StartException(
            "-rate-config " + GoText.quote(rateConfig.value()) + " is no path");
      }
    }
    return config;
  }

  private AcceptLimit acceptLimit() throws StartException {
    double rate = acceptLimit.value();
    double burst = acceptBurst.given() ? acceptBurst.value() : Math.max(1, Math.ceil(rate));
    try {
      return new AcceptLimit(rate, burst);
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }
}
