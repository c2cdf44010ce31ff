package dev.derp4j.admission;

import java.util.Set;

/// Which rules there are for who may come in. Immutable; each `with…` gives a copy.
///
/// @param disallowedAppNames clients that give one of these names are turned away
public record AdmissionConfig(Set<String> disallowedAppNames) {
  /// Everybody may come in.
  public static final AdmissionConfig NONE = new AdmissionConfig(Set.of());

  public AdmissionConfig {
    disallowedAppNames = Set.copyOf(disallowedAppNames);
    if (disallowedAppNames.contains("")) {
      throw new IllegalArgumentException("an empty app name would ban nearly everybody");
    }
  }

  public AdmissionConfig withDisallowedAppNames(Set<String> names) {
    return new AdmissionConfig(names);
  }
}
