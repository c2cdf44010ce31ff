package dev.derp4j.tls.acme;

/// Answers an authority that comes to see whether a name is ours. Called by the ordering thread;
/// each answer is given until its [Answer] is closed.
public interface ChallengeResponder {
  /// Answers `GET /.well-known/acme-challenge/<token>` on port 80 with this text.
  Answer answerHttp(String token, String text);

  /// Answers handshakes for the name that ask for the protocol `acme-tls/1` with a certificate that
  /// vouches for itself and holds the digest.
  ///
  /// @param digest 32 bytes, the content of the extension `acmeIdentifier` (RFC 8737 §3)
  /// @throws AcmeException if the TLS engine has no use for it
  Answer answerTls(String name, byte[] digest) throws AcmeException;

  /// Ends an answer.
  interface Answer extends AutoCloseable {
    @Override
    void close();
  }
}
