package dev.derp4j.client.dial;

import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// The way to an endpoint through a proxy, by CONNECT.
///
/// The proxy is told the endpoint's host as it stands (the dialled host where one is given) and
/// resolves it itself; the endpoint's fixed addresses do not count, as in the original, because
/// proxies decide by names.
///
/// @param proxy the proxy's URL; may hold a password, so it stays out of messages
/// @param target what the proxy is to connect to, `host:port`
record ProxyRoute(URI proxy, String target) {
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  /// Stands for a host that has no name, when it is asked whether hosts go through a proxy.
  private static final String ANY_HOST = "host.invalid";

  /// The way that the environment prescribes, or empty for the direct one.
  ///
  /// A proxied endpoint must have a host: an empty one would reach the proxy as `:443`.
  static Optional<ProxyRoute> to(DerpEndpoint endpoint, ProxyEnvironment environment)
      throws StepFailure {
    String scheme = endpoint.tls() ? "https" : "http";
    boolean nameless = endpoint.host().isEmpty();
    String host = nameless ? ANY_HOST : Literals.inUrl(endpoint.host());
    try {
      URI url = new URI(scheme, null, host, endpoint.port(), "/", null, null);
      Optional<URI> proxy = environment.proxyFor(url);
      if (proxy.isPresent() && nameless) {
        throw new StepFailure(DialStep.PROXY, "the endpoint has no host to tell a proxy", null);
      }
      return proxy.map(found -> new ProxyRoute(found, target(endpoint)));
    } catch (URISyntaxException e) {
      throw new StepFailure(DialStep.PROXY, "the host is not valid in a URL", null);
    } catch (IllegalArgumentException e) {
      throw new StepFailure(DialStep.PROXY, Reasons.of(e), null);
    }
  }

  private static String target(DerpEndpoint endpoint) {
    String host = Literals.withoutBrackets(endpoint.dialHost().orElse(endpoint.host()));
    return Literals.hostAndPort(host, endpoint.port());
  }

  boolean tls() {
    return "https".equalsIgnoreCase(proxy.getScheme());
  }

  String host() {
    return Literals.withoutBrackets(proxy.getHost());
  }

  int port() {
    return proxy.getPort() >= 0 ? proxy.getPort() : tls() ? HTTPS_PORT : HTTP_PORT;
  }

  /// `CONNECT host:port`, with the URL's user and password as basic authentication.
  FullHttpRequest connect() {
    FullHttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.CONNECT, target);
    request.headers().set(HttpHeaderNames.HOST, target);
    String user = proxy.getUserInfo();
    if (user != null && !user.isEmpty()) {
      String both = user.indexOf(':') < 0 ? user + ":" : user;
      String encoded = Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
      request.headers().set(HttpHeaderNames.PROXY_AUTHORIZATION, "Basic " + encoded);
    }
    return request;
  }

  /// The proxy without its secrets.
  @Override
  public String toString() {
    return "ProxyRoute[" + Literals.hostAndPort(host(), port()) + " to " + target + "]";
  }
}
