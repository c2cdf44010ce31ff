package dev.derp4j.admission;

/// Why somebody was admitted or not: the values of the label `reason` of `derp4j_admission_total`.
///
/// A fixed set, since label values must not be of a stranger's choosing.
public enum Reason {
  /// No rule objects, and there is nobody to ask.
  NO_OBJECTION("no_objection", true),
  /// Its app name is banned.
  APP_NAME("app_name", false),
  /// Whoever was to be asked gave no answer in time.
  TIMEOUT("timeout", false),
  /// Too many newcomers wait for an answer.
  BUSY("busy", false),
  /// A fault of ours: the log has more.
  INTERNAL_ERROR("internal_error", false);

  private final String label;
  private final boolean admits;

  Reason(String label, boolean admits) {
    this.label = label;
    this.admits = admits;
  }

  /// The label's value in metrics.
  public String label() {
    return label;
  }

  /// Whether it is a reason to admit somebody; else it is one to reject or to send away.
  boolean admits() {
    return admits;
  }
}
