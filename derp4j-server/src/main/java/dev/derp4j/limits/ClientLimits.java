package dev.derp4j.limits;

import java.util.OptionalLong;

/// What was set for one client, in place of what holds for all. Immutable.
///
/// @param rate bytes a second; 0 for no limit
/// @param burst bytes; of no meaning without a rate
/// @param quota bytes a period; 0 for no limit
public record ClientLimits(OptionalLong rate, OptionalLong burst, OptionalLong quota) {
  /// What holds for all holds for this one.
  public static final ClientLimits NONE =
      new ClientLimits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

  public ClientLimits {
    if (rate.orElse(0) < 0 || burst.orElse(0) < 0 || quota.orElse(0) < 0) {
      throw new IllegalArgumentException("a limit is negative");
    }
  }
}
