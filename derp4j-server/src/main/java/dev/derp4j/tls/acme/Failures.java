package dev.derp4j.tls.acme;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;

/// What acme4j throws, in an operator's words.
final class Failures {
  private static final String ERROR_PREFIX = "urn:ietf:params:acme:error:";

  private Failures() {}

  static AcmeException explain(URI directory, Exception failed) {
    for (@Nullable Throwable each = failed; each != null; each = each.getCause()) {
      if (each instanceof AcmeServerException refused) {
        Problem problem = refused.getProblem();
        return new AcmeException(
            String.valueOf(problem.getType()), words(problem), retryAfter(refused));
      }
      if (each instanceof IOException network) {
        return new AcmeException(
            network.getClass().getSimpleName(),
            "cannot reach " + directory + ": " + words(network));
      }
    }
    String message = failed.getMessage();
    return new AcmeException(
        failed.getClass().getSimpleName(),
        message == null ? failed.getClass().getSimpleName() : message);
  }

  private static @Nullable Instant retryAfter(AcmeServerException refused) {
    return refused instanceof AcmeRateLimitedException limited
        ? limited.getRetryAfter().orElse(null)
        : null;
  }

  /// `unauthorized: …`
  static String words(Problem problem) {
    String type = String.valueOf(problem.getType());
    String detail = problem.getDetail().or(problem::getTitle).orElse("no reason given");
    return (type.startsWith(ERROR_PREFIX) ? type.substring(ERROR_PREFIX.length()) : type)
        + ": "
        + detail;
  }

  private static String words(IOException network) {
    return switch (network) {
      case HttpTimeoutException late -> "no answer in time";
      case ConnectException refused when refused.getCause() instanceof UnresolvedAddressException ->
          "unknown host";
      case ConnectException refused -> "connection refused";
      case SSLException tls when String.valueOf(tls.getMessage()).contains("PKIX") ->
          "its certificate is signed by nobody we trust (SSL_CERT_FILE names others)";
      default -> String.valueOf(network.getMessage());
    };
  }
}
