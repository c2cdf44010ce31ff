package dev.derp4j.client.dial;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// For whom a certificate was made: RFC 9525, so alternative names alone, never the subject.
///
/// A wildcard stands for exactly one label, the first, and the whole of it.
final class CertificateNames {
  private static final int DNS = 2;
  private static final int ADDRESS = 7;
  private static final int SHOWN = 5;

  private CertificateNames() {}

  /// Whether a certificate is for this DNS name or address.
  static boolean covers(X509Certificate certificate, String host) {
    InetAddress address = Literals.address(host);
    if (address != null) {
      return names(certificate, ADDRESS).stream()
          .anyMatch(name -> address.equals(Literals.address(name)));
    }
    String wanted = plain(host);
    return names(certificate, DNS).stream().anyMatch(name -> matches(plain(name), wanted));
  }

  /// Whom the certificate is for, for a message.
  static String text(X509Certificate certificate) {
    List<String> all = new ArrayList<>(names(certificate, DNS));
    all.addAll(names(certificate, ADDRESS));
    String shown = String.join(", ", all.subList(0, Math.min(SHOWN, all.size())));
    return all.isEmpty()
        ? "nobody"
        : Reasons.line(all.size() > SHOWN ? shown + ", ..." : shown, "");
  }

  private static boolean matches(String pattern, String host) {
    if (pattern.startsWith("*.")) {
      int dot = host.indexOf('.');
      return dot > 0 && pattern.substring(1).equals(host.substring(dot));
    }
    return !pattern.isEmpty() && pattern.equals(host);
  }

  private static String plain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static List<String> names(X509Certificate certificate, int kind) {
    List<String> found = new ArrayList<>();
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (Integer.valueOf(kind).equals(name.get(0)) && name.get(1) instanceof String text) {
          found.add(text);
        }
      }
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
    return found;
  }
}
