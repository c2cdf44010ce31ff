package dev.derp4j.admission;

/// Why somebody was admitted or not: the values of the label `reason` of `derp4j_admission_total`.
///
/// A fixed set, since label values must not be of a stranger's choosing.
public enum Reason {
  /// No rule objects, and there is nobody to ask.
  NO_OBJECTION("no_objection", true),
  /// Its key is in the file of those allowed.
  ALLOWED_KEY("allowed_key", true),
  /// The local tailscaled knows it.
  TAILSCALED("tailscaled", true),
  /// An admission controller allows it.
  URL("url", true),
  /// No admission controller answers, and one allowed it a while ago.
  URL_REMEMBERED("url_remembered", true),
  /// No admission controller answers, and clients are to be admitted then.
  URL_UNREACHABLE_OPEN("url_unreachable", true),
  /// Its key is in the file of those denied.
  DENIED_KEY("denied_key", false),
  /// Its key is not in the file of those allowed.
  NOT_ALLOWED_KEY("not_allowed_key", false),
  /// The local tailscaled does not know it.
  TAILSCALED_UNKNOWN("tailscaled_unknown", false),
  /// The local tailscaled cannot be asked about a key.
  TAILSCALED_TOO_OLD("tailscaled_too_old", false),
  /// The local tailscaled is not there, or gives no sensible answer.
  TAILSCALED_FAILED("tailscaled_failed", false),
  /// An admission controller does not allow it.
  URL_DENIED("url_denied", false),
  /// An admission controller gives no sensible answer.
  URL_BAD_ANSWER("url_bad_answer", false),
  /// No admission controller answers, and clients are to be rejected then.
  URL_UNREACHABLE("url_unreachable", false),
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

  /// Whether somebody who knows has said no. Other rejections say only that nobody could be asked,
  /// which is no reason to send a guest away.
  boolean isDefinite() {
    return switch (this) {
      case DENIED_KEY, NOT_ALLOWED_KEY, APP_NAME, TAILSCALED_UNKNOWN, URL_DENIED -> true;
      default -> false;
    };
  }

  /// Whether it is a reason to admit somebody; else it is one to reject or to send away.
  boolean admits() {
    return admits;
  }
}
