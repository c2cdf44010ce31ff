package dev.derp4j.bench.load;

import dev.derp4j.bench.load.traffic.TrafficPlan;
import picocli.CommandLine.Option;

/// How packets that are sent by the clock are bundled.
final class BurstOptions {
  private static final int LARGEST = 10_000;

  @Option(
      names = "--burst",
      paramLabel = "N[-M]",
      description = "Packets that a sender sends back to back. Default: ${DEFAULT-VALUE}.")
  String burst = "8-16";

  @Option(
      names = "--spin",
      description = "Event loops never sleep, so that their wake-up is not part of delays.")
  boolean spin;

  /// @param option names the rate in an error
  TrafficPlan.Rate pacing(String option, double rate) {
    Check.above(option, rate, 0);
    int dash = burst.indexOf('-');
    int smallest = Check.number("--burst", dash < 0 ? burst : burst.substring(0, dash));
    int largest = Check.number("--burst", burst.substring(dash + 1));
    Check.between("--burst", smallest, 1, largest);
    Check.between("--burst", largest, smallest, LARGEST);
    return new TrafficPlan.Rate(rate, smallest, largest, spin);
  }
}
