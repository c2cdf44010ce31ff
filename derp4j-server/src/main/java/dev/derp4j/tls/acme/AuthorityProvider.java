package dev.derp4j.tls.acme;

import dev.derp4j.client.dial.ProxyEnvironment;
import dev.derp4j.client.dial.SystemRoots;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/// How acme4j reaches an authority: with the system's roots, through the environment's proxy.
final class AuthorityProvider extends GenericAcmeProvider {
  private final SSLContext tls;
  private final ProxySelector proxies;

  /// @throws IOException if the environment's roots cannot be read
  AuthorityProvider(Map<String, String> environment) throws IOException {
    try {
      tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {SystemRoots.trustManager(environment)}, null);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this JDK has no TLS", impossible);
    }
    proxies = new EnvironmentProxies(new ProxyEnvironment(environment));
  }

  @Override
  public HttpClient createHttpClient(NetworkSettings settings) {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NORMAL)
        .connectTimeout(settings.getTimeout())
        .sslContext(tls)
        .proxy(proxies)
        .build();
  }

  private static final class EnvironmentProxies extends ProxySelector {
    private static final int HTTP_PORT = 80;

    private final ProxyEnvironment environment;

    EnvironmentProxies(ProxyEnvironment environment) {
      this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI target) {
      return List.of(environment.proxyFor(target).map(this::proxy).orElse(Proxy.NO_PROXY));
    }

    private Proxy proxy(URI uri) {
      int port = uri.getPort() < 0 ? HTTP_PORT : uri.getPort();
      return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(uri.getHost(), port));
    }

    @Override
    public void connectFailed(URI target, SocketAddress address, IOException failure) {
      // The request fails with the same exception.
    }
  }
}
