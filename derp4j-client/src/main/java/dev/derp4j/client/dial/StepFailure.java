package dev.derp4j.client.dial;

import org.jspecify.annotations.Nullable;

/// Why a step failed, in words of ours; the dial adds the endpoint and makes a [DialException] of
/// it. No stack trace: where in our code we noticed says nothing.
final class StepFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final @Nullable DialStep step;
  private final String reason;

  /// A failure of the step that is under way.
  StepFailure(String reason) {
    this(null, reason, null);
  }

  StepFailure(@Nullable DialStep step, String reason, @Nullable Throwable cause) {
    super(reason, cause, false, false);
    this.step = step;
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  DialStep stepOr(DialStep underWay) {
    return step == null ? underWay : step;
  }
}
