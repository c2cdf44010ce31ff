package dev.derp4j.limits;

import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Reloadable;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file of `-rate-config`, read again on SIGHUP and when it changes. What it says in the log is
/// what the original says, whose operators look for it.
public final class RateConfigFile implements Reloadable {
  private static final Logger LOG = LoggerFactory.getLogger(RateConfigFile.class);

  private final Path file;
  private final RateLimits limits;

  /// Reads the file for the first time and puts it in force.
  ///
  /// @throws ReloadException if it is no good
  public RateConfigFile(Path file, RateLimits limits) throws ReloadException {
    this.file = file;
    this.limits = limits;
    apply(RateConfig.read(file));
  }

  private void apply(RateConfig config) {
    limits.apply(config);
    LOG.info(
        "rate config applied: client-rate={} bytes/sec, client-burst={} bytes",
        config.rate(),
        config.burst());
    if (config.total() > 0 || config.quota() > 0) {
      LOG.info(
          "derper: rate config beyond that: total-rate={} bytes/sec, quota={} bytes in {} s, then {}"
              + " bytes/sec",
          config.total(),
          config.quota(),
          config.quotaPeriod().toSeconds(),
          config.overQuotaRate());
    }
  }

  @Override
  public String name() {
    return "rate config";
  }

  @Override
  public List<String> reload() throws ReloadException {
    apply(RateConfig.read(file));
    return List.of("rate config reloaded successfully");
  }

  @Override
  public String failure(String why) {
    return "rate config reload failed: " + why;
  }
}
