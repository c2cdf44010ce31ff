package dev.derp4j.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The names a certificate speaks for, and whether a client would take it for the relay's.
///
/// Only subject alternative names count, as for every client of today; the common name is history.
/// A `*` stands for exactly one whole label, the leftmost (RFC 6125, as Go's clients read it).
///
/// @param names DNS names in lower case
/// @param addresses as text
record CertificateNames(List<String> names, List<String> addresses) {
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;
  private static final Pattern HOSTNAME =
      Pattern.compile("[a-z0-9_][a-z0-9_-]*(?:\\.[a-z0-9_][a-z0-9_-]*)*");

  static CertificateNames of(X509Certificate certificate) throws CertificateParsingException {
    List<String> names = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    @Nullable Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    for (List<?> alternative : alternatives == null ? List.<List<?>>of() : alternatives) {
      Object kind = alternative.get(0);
      if (kind.equals(DNS_NAME)) {
        names.add(((String) alternative.get(1)).toLowerCase(Locale.ROOT));
      } else if (kind.equals(IP_ADDRESS)) {
        addresses.add((String) alternative.get(1));
      }
    }
    return new CertificateNames(List.copyOf(names), List.copyOf(addresses));
  }

  boolean cover(ServerName server) {
    if (server.address() != null) {
      return addresses.stream().map(ServerName::parseAddress).anyMatch(server.address()::equals);
    }
    return names.stream().anyMatch(name -> covers(name, server.host()));
  }

  private static boolean covers(String name, String host) {
    if (!name.startsWith("*.") || !HOSTNAME.matcher(host).matches()) {
      return name.equals(host);
    }
    int dot = host.indexOf('.');
    return dot > 0 && name.substring(1).equals(host.substring(dot));
  }

  /// For an error's text.
  @Override
  public String toString() {
    List<String> all = new ArrayList<>(names);
    all.addAll(addresses);
    return all.isEmpty() ? "no name at all" : String.join(", ", all);
  }
}
