package dev.derp4j.client.dial;

import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Decides whether a server is the one that was meant: one object for one TLS handshake.
///
/// It is of the extended kind because Java and Netty check names behind the back of a plain trust
/// manager, by rules of their own. The meta certificate is taken out of the chain before anything
/// looks at it. Used on one thread at a time.
final class ServerTrust extends X509ExtendedTrustManager {
  private final CertificateCheck check;
  private final String host;
  private final @Nullable X509TrustManager roots;
  private @Nullable String problem;

  /// @param host the endpoint's host
  /// @param roots whom to trust; may be null where the check does without, [#needsRoots]
  ServerTrust(CertificateCheck check, String host, @Nullable X509TrustManager roots) {
    this.check = check;
    this.host = host;
    this.roots = roots;
  }

  /// Whether a check asks who signed the certificate.
  static boolean needsRoots(CertificateCheck check) {
    return check instanceof CertificateCheck.ForHost || check instanceof CertificateCheck.ForName;
  }

  /// Why the server was refused, in one line; null if it was not, or not yet.
  @Nullable String problem() {
    return problem;
  }

  private void check(X509Certificate[] presented, String authentication)
      throws CertificateException {
    try {
      X509Certificate[] chain = MetaCertificates.without(presented);
      if (chain.length == 0 && !(check instanceof CertificateCheck.None)) {
        throw new CertificateException("the server showed no certificate");
      }
      switch (check) {
        case CertificateCheck.None() -> {}
        case CertificateCheck.Pin(String sha256) -> checkPin(chain, sha256);
        case CertificateCheck.ForHost() -> checkChain(chain, authentication, host);
        case CertificateCheck.ForName(String name) -> checkChain(chain, authentication, name);
      }
    } catch (CertificateException refused) {
      problem = reason(refused);
      throw refused;
    }
  }

  private void checkPin(X509Certificate[] chain, String sha256) throws CertificateException {
    if (chain.length > 1) {
      throw new CertificateException("more than the one pinned certificate was shown");
    }
    if (!sha256.equals(sha256(chain[0]))) {
      throw new CertificateException("the certificate is not the pinned one");
    }
    chain[0].checkValidity();
    if (!host.isEmpty()) {
      checkName(chain[0], host);
    }
  }

  private static String sha256(X509Certificate certificate) throws CertificateException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(certificate.getEncoded()));
    } catch (NoSuchAlgorithmException impossible) {
      throw new CertificateException("no SHA-256", impossible);
    }
  }

  private void checkChain(X509Certificate[] chain, String authentication, String name)
      throws CertificateException {
    X509TrustManager trusted = roots;
    if (trusted == null || name.isEmpty()) {
      throw new CertificateException("there is no name to verify the certificate for");
    }
    chain[0].checkValidity();
    trusted.checkServerTrusted(chain, authentication);
    checkName(chain[0], name);
  }

  private static void checkName(X509Certificate leaf, String name) throws CertificateException {
    if (!CertificateNames.covers(leaf, name)) {
      throw new CertificateException(
          "the certificate is for " + CertificateNames.text(leaf) + ", not for " + name);
    }
  }

  private static String reason(CertificateException refused) {
    for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case CertificateExpiredException expired -> {
          return "certificate has expired";
        }
        case CertificateNotYetValidException early -> {
          return "certificate is not valid yet; is the clock right?";
        }
        case CertPathBuilderException unknown -> {
          return "certificate signed by unknown authority";
        }
        case CertPathValidatorException broken
            when broken.getReason() == BasicReason.INVALID_SIGNATURE -> {
          return "certificate signed by unknown authority"; // one with a known one's name
        }
        default -> {}
      }
    }
    return Reasons.line(refused.getMessage(), "the certificate is not valid");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("a client trusts servers only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("a client trusts servers only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("a client trusts servers only");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
