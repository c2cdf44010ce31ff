package dev.derp4j.http;

/// Headers that keep a browser from doing anything with a page that we did not mean, HTTPS-only
/// included.
final class BrowserHeaders {
  private static final String POLICY =
      "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'self';"
          + " block-all-mixed-content; object-src 'none'";

  private BrowserHeaders() {}

  static Response strict(Response response) {
    return headers(response, POLICY);
  }

  /// For debug pages: styles may stand in the page.
  static Response withInlineStyles(Response response) {
    return headers(response, POLICY + "; style-src 'self' 'unsafe-inline'");
  }

  private static Response headers(Response response, String policy) {
    return response
        .with("Content-Security-Policy", policy)
        .with("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        .with("X-Content-Type-Options", "nosniff")
        .with("X-Frame-Options", "DENY");
  }
}
