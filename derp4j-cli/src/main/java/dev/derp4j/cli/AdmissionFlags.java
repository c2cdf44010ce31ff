package dev.derp4j.cli;

import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.cli.flags.Flag;
import dev.derp4j.cli.flags.FlagSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The flags that say who may come in.
final class AdmissionFlags {
  private static final Logger log = LoggerFactory.getLogger(AdmissionFlags.class);

  private final Flag<String> disallowedAppNames;

  AdmissionFlags(FlagSet set) {
    disallowedAppNames =
        set.string(
            "disallow-app-names", "", "comma list of app names whose clients are turned away");
  }

  AdmissionConfig config() {
    return AdmissionConfig.NONE.withDisallowedAppNames(appNames());
  }

  /// Split at commas and not trimmed, as in the original. There, an empty item bans everybody
  /// without an app name, which is nearly everybody and never what was meant.
  private Set<String> appNames() {
    Set<String> names = new LinkedHashSet<>();
    if (!disallowedAppNames.value().isEmpty()) {
      for (String name : disallowedAppNames.value().split(",", -1)) {
        if (name.isEmpty()) {
          log.warn("derper: -disallow-app-names: ignoring an empty name in the list");
        } else {
          names.add(name);
        }
      }
    }
    return names;
  }
}
