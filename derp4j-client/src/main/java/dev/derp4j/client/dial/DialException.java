package dev.derp4j.client.dial;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A dial that failed: at which step, against which endpoint, and why, in one line such as
/// `derp.example.com:443: tls: certificate has expired`.
///
/// The line is printable ASCII whatever the other side sent, and never holds a key or a proxy's
/// password.
public final class DialException extends IOException {
  private static final long serialVersionUID = 1L;

  private final DialStep step;
  private final String endpoint;

  DialException(DialStep step, String endpoint, String reason, @Nullable Throwable cause) {
    super(endpoint + ": " + step.text() + ": " + reason, cause);
    this.step = step;
    this.endpoint = endpoint;
  }

  /// The step that failed, or that was under way when the time was over.
  public DialStep step() {
    return step;
  }

  /// The name of the endpoint that was dialled, [DerpEndpoint#name()].
  public String endpoint() {
    return endpoint;
  }
}
