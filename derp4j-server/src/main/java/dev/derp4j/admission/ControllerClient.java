package dev.derp4j.admission;

import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// POSTs JSON to admission controllers. The JDK's HTTP client behind it is made with the first
/// request, and keeps connections open between requests. Thread-safe.
public final class ControllerClient implements AutoCloseable {
  /// As much of an answer as is looked at.
  private static final int MAX_BODY = 4096;

  private final X509TrustManager trust;
  private final Function<URI, Optional<URI>> proxyFor;
  private @Nullable HttpClient client;

  /// @param trust whose certificates are believed
  /// @param proxyFor the HTTP proxy for a target, empty for none
  public ControllerClient(X509TrustManager trust, Function<URI, Optional<URI>> proxyFor) {
    this.trust = trust;
    this.proxyFor = proxyFor;
  }

  /// Asks. Blocks its caller, which should be a virtual thread.
  ///
  /// @throws IOException if there is no answer
  ControllerReply post(URI url, String json, Duration limit)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(limit)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    HttpResponse<InputStream> response =
        client().send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(MAX_BODY), StandardCharsets.UTF_8);
      return new ControllerReply(response.statusCode(), text);
    }
  }

  private synchronized HttpClient client() throws IOException {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NORMAL)
              .connectTimeout(Admission.LIMIT)
              .sslContext(tls())
              .proxy(new Proxies())
              .authenticator(new ProxyPassword())
              .build();
    }
    return client;
  }

  private SSLContext tls() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException impossible) {
      throw new IOException("TLS: " + impossible.getMessage(), impossible);
    }
  }

  private final class Proxies extends ProxySelector {
    @Override
    public List<Proxy> select(URI target) {
      return List.of(
          proxyFor
              .apply(target)
              .map(
                  proxy ->
                      new Proxy(
                          Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port(proxy))))
              .orElse(Proxy.NO_PROXY));
    }

    private static int port(URI proxy) {
      return proxy.getPort() < 0 ? 80 : proxy.getPort();
    }

    @Override
    public void connectFailed(URI target, SocketAddress proxy, IOException failure) {
      // The request fails too, and that is told.
    }
  }

  private final class ProxyPassword extends Authenticator {
    @Override
    protected @Nullable PasswordAuthentication getPasswordAuthentication() {
      if (getRequestorType() != RequestorType.PROXY) {
        return null;
      }
      String user =
          proxyFor
              .apply(URI.create(getRequestingURL().toString()))
              .map(URI::getUserInfo)
              .orElse("");
      int colon = user.indexOf(':');
      return user.isEmpty()
          ? null
          : new PasswordAuthentication(
              colon < 0 ? user : user.substring(0, colon),
              (colon < 0 ? "" : user.substring(colon + 1)).toCharArray());
    }
  }

  /// Ends all requests.
  @Override
  public synchronized void close() {
    if (client != null) {
      client.shutdownNow();
    }
  }
}
