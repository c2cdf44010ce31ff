package dev.derp4j.client.dial;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/// Where to dial, and whom to expect there.
///
/// Nothing is checked here but the port: a map from elsewhere may name any host, and what cannot be
/// dialled is a [DialException] of that endpoint, so that the next one gets its turn.
///
/// @param name how messages call it, printable ASCII
/// @param host the host of the HTTP request and of TLS: a DNS name, or an address without brackets;
///     empty only where addresses and certificate check do without it
/// @param port the TCP port
/// @param tls whether TLS is spoken; without it, everything but packets between clients is readable
///     on the way
/// @param dialHost what is dialled instead of `host`, a DNS name or an address
/// @param ipv4 how IPv4 is dialled
/// @param ipv6 how IPv6 is dialled
/// @param certificate what the server must show
/// @param path where DERP lives, with its query if there is one
/// @param idealNode the name of the node that the client would rather be on; empty when this one is
public record DerpEndpoint(
    String name,
    String host,
    int port,
    boolean tls,
    Optional<String> dialHost,
    FamilyAddress ipv4,
    FamilyAddress ipv6,
    CertificateCheck certificate,
    String path,
    Optional<String> idealNode) {
  private static final String DERP_PATH = "/derp";
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  /// @throws IllegalArgumentException if the port is not 1 to 65535, or the path does not begin
  ///     with a slash or holds what no request line can carry
  public DerpEndpoint {
    if (port < 1 || port > 0xffff) {
      throw new IllegalArgumentException("port " + port + " is not 1 to 65535");
    }
    if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new IllegalArgumentException("the path is no path of a URL");
    }
  }

  /// A host with TLS, verified for that host.
  public static DerpEndpoint of(String host, int port) {
    String bare = Literals.withoutBrackets(host);
    return new DerpEndpoint(
        Literals.hostAndPort(bare, port),
        bare,
        port,
        true,
        Optional.empty(),
        FamilyAddress.DNS,
        FamilyAddress.DNS,
        new CertificateCheck.ForHost(),
        DERP_PATH,
        Optional.empty());
  }

  /// An `https` or `http` URL: port 443 or 80 if it names none, path `/derp` if it has none.
  ///
  /// @throws IllegalArgumentException if it has another scheme or no host
  public static DerpEndpoint of(URI url) {
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    boolean tls = scheme.equals("https");
    if ((!tls && !scheme.equals("http")) || url.getHost() == null) {
      throw new IllegalArgumentException("a relay's URL is https://host or http://host");
    }
    int port = url.getPort() >= 0 ? url.getPort() : tls ? HTTPS_PORT : HTTP_PORT;
    DerpEndpoint endpoint = of(url.getHost(), port);
    String path = url.getRawPath() == null || url.getRawPath().length() < 2 ? "" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return (tls ? endpoint : endpoint.withoutTls())
        .withPath((path.isEmpty() ? DERP_PATH : path) + query);
  }

  /// The same under another name.
  public DerpEndpoint withName(String other) {
    return new DerpEndpoint(
        other, host, port, tls, dialHost, ipv4, ipv6, certificate, path, idealNode);
  }

  /// The same without TLS.
  public DerpEndpoint withoutTls() {
    return new DerpEndpoint(
        name, host, port, false, dialHost, ipv4, ipv6, certificate, path, idealNode);
  }

  /// The same, but this host is dialled.
  public DerpEndpoint withDialHost(String other) {
    return new DerpEndpoint(
        name, host, port, tls, Optional.of(other), ipv4, ipv6, certificate, path, idealNode);
  }

  /// The same with other ways to dial the two address families.
  public DerpEndpoint withAddresses(FamilyAddress newIpv4, FamilyAddress newIpv6) {
    return new DerpEndpoint(
        name, host, port, tls, dialHost, newIpv4, newIpv6, certificate, path, idealNode);
  }

  /// The same with another check of the server's certificate.
  public DerpEndpoint withCertificate(CertificateCheck check) {
    return new DerpEndpoint(name, host, port, tls, dialHost, ipv4, ipv6, check, path, idealNode);
  }

  /// The same at another path.
  public DerpEndpoint withPath(String other) {
    return new DerpEndpoint(
        name, host, port, tls, dialHost, ipv4, ipv6, certificate, other, idealNode);
  }

  /// The same, telling the server that the client would rather be on that node of its region.
  public DerpEndpoint withIdealNode(String node) {
    return new DerpEndpoint(
        name, host, port, tls, dialHost, ipv4, ipv6, certificate, path, Optional.of(node));
  }

  /// The Host header: without the port where it is the scheme's own.
  String hostHeader() {
    return port == (tls ? HTTPS_PORT : HTTP_PORT)
        ? Literals.inUrl(host)
        : Literals.hostAndPort(host, port);
  }
}
