package dev.derp4j.tls;

import dev.derp4j.tls.acme.AcmeAuthority;
import dev.derp4j.tls.acme.ChallengeKind;
import java.net.InetAddress;
import java.util.List;

/// Certificates that an authority issues by itself (`-certmode letsencrypt` and `gcp`).
///
/// @param authority whom to ask
/// @param challenges the ways to prove that the hostname is ours, in the order in which they are
///     tried; at least one
/// @param forAddresses whether the addresses that clients connect to get certificates too
/// @param publicAddresses the addresses under which this host is reached, where they are not its
///     own but those of a NAT in front of it
public record AcmeMode(
    AcmeAuthority authority,
    List<ChallengeKind> challenges,
    boolean forAddresses,
    List<InetAddress> publicAddresses) {
  public AcmeMode {
    challenges = List.copyOf(challenges);
    publicAddresses = List.copyOf(publicAddresses);
    if (challenges.isEmpty()) {
      throw new IllegalArgumentException("no way to prove anything to an authority");
    }
  }
}
