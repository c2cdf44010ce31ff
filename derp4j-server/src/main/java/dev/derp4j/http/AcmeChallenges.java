package dev.derp4j.http;

import org.jspecify.annotations.Nullable;

/// What certificate authorities find on the plain port while they look whether the relay's name is
/// the relay's. Called on event loops; must not block.
@FunctionalInterface
public interface AcmeChallenges {
  /// The answer to `GET /.well-known/acme-challenge/<token>`.
  ///
  /// @param token as it stands in the URL, so anything at all
  /// @return null if there is none
  @Nullable String text(String token);
}
