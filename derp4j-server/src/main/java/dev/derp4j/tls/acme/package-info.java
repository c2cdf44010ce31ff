/// Talking to a certificate authority: ACME (RFC 8555) by way of acme4j, which nothing else of the
/// relay knows.
///
/// [dev.derp4j.tls.acme.AcmeClient] orders one certificate and waits for it; who answers the
/// authority's challenges is a [dev.derp4j.tls.acme.ChallengeResponder]. This package decides
/// neither when to order nor where to keep what came, and calls back nobody but the responder. Its
/// classes, and the HTTP client behind them, are loaded when the first certificate is ordered.
@NullMarked
package dev.derp4j.tls.acme;

import org.jspecify.annotations.NullMarked;
