package dev.derp4j.tls.acme;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/// An authority, and what it is told of the account.
///
/// @param directory the URL of its ACME directory
/// @param externalAccount ties the ACME account to one that the operator has with the authority
/// @param email the account's contact; empty for none
/// @param environment the process's variables on outgoing connections: roots to trust
///     (`SSL_CERT_FILE`, `SSL_CERT_DIR`) and proxies
public record AcmeAuthority(
    URI directory,
    Optional<ExternalAccount> externalAccount,
    String email,
    Map<String, String> environment) {
  /// Let's Encrypt.
  public static final URI LETS_ENCRYPT =
      URI.create("https://acme-v02.api.letsencrypt.org/directory");

  /// Google's public authority.
  public static final URI GOOGLE = URI.create("https://dv.acme-v02.api.pki.goog/directory");

  public AcmeAuthority {
    environment = Map.copyOf(environment);
  }

  /// Whether everybody trusts it, so that it certifies nothing but public names and addresses.
  public boolean isPublic() {
    return directory.equals(LETS_ENCRYPT) || directory.equals(GOOGLE);
  }

  /// Without keys and environment, which hold secrets.
  @Override
  public String toString() {
    return "AcmeAuthority[" + directory + "]";
  }

  /// An external account binding (RFC 8555 §7.3.4).
  ///
  /// @param keyId what the authority calls the key
  /// @param key for HMAC with SHA-256
  public record ExternalAccount(String keyId, SecretKey key) {
    private static final String MAC = "HmacSHA256";

    public ExternalAccount(String keyId, byte[] key) {
      this(keyId, new SecretKeySpec(key, MAC));
    }

    /// Without the key.
    @Override
    public String toString() {
      return "ExternalAccount[" + keyId + "]";
    }
  }
}
