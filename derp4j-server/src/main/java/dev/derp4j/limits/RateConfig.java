package dev.derp4j.limits;

import dev.derp4j.json.GoJson;
import dev.derp4j.json.JsonFields;
import dev.derp4j.json.JsonFields.BadJsonException;
import dev.derp4j.reload.ReloadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/// The limits that hold for all: the file of `-rate-config`. Immutable.
///
/// ```json
/// {"PerClientRateLimitBytesPerSec": 1000000, "PerClientRateBurstBytes": 2000000,
///  "TotalRateLimitBytesPerSec": 50000000,
///  "QuotaBytes": 10000000000, "QuotaPeriodSeconds": 86400, "OverQuotaRateBytesPerSec": 20000}
/// ```
///
/// All fields may be missing; the first two are the original's, which takes no notice of the
/// others.
///
/// @param rate bytes a second that one client may send; 0 for no limit
/// @param burst bytes that it may send at once, at least one frame; 0 where there is no rate
/// @param total bytes a second that all clients together may send; 0 for no limit
/// @param quota bytes that one key may send in a period; 0 for no limit
/// @param quotaPeriod periods begin at multiples of this since 1970, UTC
/// @param overQuotaRate bytes a second for a key that has used up its quota
public record RateConfig(
    long rate, long burst, long total, long quota, Duration quotaPeriod, long overQuotaRate) {
  /// No limits.
  public static final RateConfig NONE = new RateConfig(0, 0, 0, 0, Duration.ofDays(1), 16_384);

  private static final long MAX_FILE = 1 << 20;

  /// As the original applies them: no burst without a rate, and one of at least a frame with it.
  public RateConfig {
    burst = rate == 0 ? 0 : Math.max(burst, TokenBucket.LEAST_BURST);
  }

  /// @throws ReloadException if the file is no good; the message is one line that names it
  public static RateConfig read(Path file) throws ReloadException {
    try {
      if (Files.size(file) > MAX_FILE) {
        throw new ReloadException(file + ": larger than " + MAX_FILE + " bytes");
      }
      return parse(Files.readString(file, StandardCharsets.UTF_8));
    } catch (BadJsonException bad) {
      throw new ReloadException(file + ": " + bad.getMessage(), bad);
    } catch (NoSuchFileException missing) {
      throw new ReloadException(file + ": no such file", missing);
    } catch (IOException unreadable) {
      throw new ReloadException(file + ": cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  static RateConfig parse(String json) throws BadJsonException {
    JsonFields fields = JsonFields.parseWhole(json);
    long period = number(fields, "QuotaPeriodSeconds", NONE.quotaPeriod().toSeconds());
    long overQuota = number(fields, "OverQuotaRateBytesPerSec", NONE.overQuotaRate());
    if (period == 0 || overQuota == 0) {
      throw new BadJsonException(
          (period == 0 ? "QuotaPeriodSeconds" : "OverQuotaRateBytesPerSec") + " is 0");
    }
    return new RateConfig(
        number(fields, "PerClientRateLimitBytesPerSec", 0),
        number(fields, "PerClientRateBurstBytes", 0),
        number(fields, "TotalRateLimitBytesPerSec", 0),
        number(fields, "QuotaBytes", 0),
        Duration.ofSeconds(Math.min(period, Integer.MAX_VALUE)),
        overQuota);
  }

  private static long number(JsonFields fields, String name, long otherwise)
      throws BadJsonException {
    long value = fields.number(GoJson.foldName(name)).orElse(otherwise);
    if (value < 0) {
      throw new BadJsonException(name + " is negative: " + value);
    }
    return value;
  }
}
