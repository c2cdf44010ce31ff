package dev.derp4j.client.dial;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Which proxy the environment names for a URL: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, each in
/// upper case first and then in lower case, by the rules of Go programs.
///
/// `localhost` and loopback addresses never go through a proxy. `NO_PROXY` is a list parted by
/// commas: `*`, a domain (with its subdomains), `.domain` or `*.domain` (subdomains alone), an
/// address or a block in CIDR form, a host or address with `:port`. Names are compared as text and
/// never resolved.
///
/// Immutable, and so free to be shared between threads.
public final class ProxyEnvironment {
  private final String httpProxy;
  private final String httpsProxy;
  private final boolean cgi;
  private final NoProxy noProxy;

  /// Takes what it needs from a process's environment variables.
  public ProxyEnvironment(Map<String, String> environment) {
    this.httpProxy = either(environment, "HTTP_PROXY");
    this.httpsProxy = either(environment, "HTTPS_PROXY");
    this.cgi = !environment.getOrDefault("REQUEST_METHOD", "").isEmpty();
    this.noProxy = NoProxy.parse(either(environment, "NO_PROXY"));
  }

  /// The proxy for a target, or empty if it is to be dialled directly.
  ///
  /// @param target an `http` or `https` URL; any other scheme has no proxy
  /// @throws IllegalArgumentException if the variable holds no URL of an HTTP or HTTPS proxy, or if
  ///     `HTTP_PROXY` is asked for in a CGI program, where a client can set it by a header; the
  ///     message never holds the variable's text, since that may hold a password
  public Optional<URI> proxyFor(URI target) {
    boolean https = "https".equalsIgnoreCase(target.getScheme());
    if (!https && !"http".equalsIgnoreCase(target.getScheme())) {
      return Optional.empty();
    }
    String proxy = https ? httpsProxy : httpProxy;
    String host = target.getHost();
    if (proxy.isEmpty() || host == null) {
      return Optional.empty();
    }
    if (!https && cgi) {
      throw new IllegalArgumentException("HTTP_PROXY is not used in a CGI program");
    }
    int port = target.getPort() >= 0 ? target.getPort() : https ? 443 : 80;
    return noProxy.covers(host, port)
        ? Optional.empty()
        : Optional.of(parse(https ? "HTTPS_PROXY" : "HTTP_PROXY", proxy));
  }

  private static String either(Map<String, String> environment, String name) {
    String upper = environment.getOrDefault(name, "");
    return upper.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper;
  }

  private static URI parse(String variable, String text) {
    try {
      URI uri = URI.create(text.contains("://") ? text : "http://" + text);
      String scheme = uri.getScheme();
      boolean known = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
      if (known && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // The exception's text holds the whole URL, its password too, so it goes no further.
    }
    throw new IllegalArgumentException(variable + " is not the URL of an HTTP or HTTPS proxy");
  }

  @Override
  public String toString() {
    return "ProxyEnvironment[redacted]";
  }
}
