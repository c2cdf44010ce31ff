package dev.derp4j.tls.acme;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A certificate that is wanted.
///
/// @param name the DNS name, or the address written out
/// @param address null for a DNS name
/// @param profile the authority's certificate profile that is asked for where it is offered; empty
///     for the authority's own choice
/// @param challenges the ways to prove control, tried in this order
public record AcmeOrder(
    String name, @Nullable InetAddress address, String profile, List<ChallengeKind> challenges) {
  /// Certificates of about six days, the only ones that Let's Encrypt issues for addresses.
  public static final String SHORT_LIVED = "shortlived";

  public AcmeOrder {
    challenges = List.copyOf(challenges);
  }

  /// One for a DNS name.
  public static AcmeOrder of(String name, List<ChallengeKind> challenges) {
    return new AcmeOrder(name, null, "", challenges);
  }

  /// One for an address, short-lived and proved over HTTP.
  public static AcmeOrder of(InetAddress address) {
    return new AcmeOrder(
        address.getHostAddress(), address, SHORT_LIVED, List.of(ChallengeKind.HTTP));
  }
}
