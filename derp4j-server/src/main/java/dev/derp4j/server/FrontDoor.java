package dev.derp4j.server;

import dev.derp4j.admission.Admission;
import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.admission.AppNameBan;
import dev.derp4j.admission.Rule;
import dev.derp4j.admission.Verifier;
import java.util.ArrayList;
import java.util.List;

/// Puts together who may come in, in the order in which it is decided.
final class FrontDoor {
  private FrontDoor() {}

  static Admission admission(AdmissionConfig config) {
    List<Rule> rules = new ArrayList<>();
    List<Verifier> verifiers = new ArrayList<>();
    if (!config.disallowedAppNames().isEmpty()) {
      rules.add(new AppNameBan(config.disallowedAppNames()));
    }
    return new Admission(rules, verifiers);
  }
}
