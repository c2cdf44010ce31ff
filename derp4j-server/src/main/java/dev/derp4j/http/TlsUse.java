package dev.derp4j.http;

import dev.derp4j.metrics.Metrics;
import dev.derp4j.transport.TlsLayer;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// Tells the metrics which TLS version a connection's requests use. Owned by the connection's event
/// loop.
///
/// A request is in use while it is being answered; an upgraded connection until it closes; a
/// connection that is merely kept alive is not.
final class TlsUse {
  private final Metrics metrics;
  private final boolean tls;
  private @Nullable String version;

  TlsUse(HttpSite site) {
    metrics = site.metrics();
    tls = site.mode() == HttpSite.Mode.DERP_TLS;
  }

  void requestBegins(Channel channel) {
    if (tls) {
      String protocol = protocol(channel);
      version = protocol;
      metrics.tlsRequest(protocol);
      metrics.tlsActive(protocol, 1);
    }
  }

  /// The end of a request that began; nothing if none is being answered.
  void requestEnds() {
    if (version != null) {
      metrics.tlsActive(version, -1);
      version = null;
    }
  }

  /// From now on the request that began lasts as long as its connection.
  void upgraded(Channel channel) {
    String protocol = version;
    if (protocol != null) {
      version = null;
      Metrics counts = metrics;
      channel.closeFuture().addListener(_ -> counts.tlsActive(protocol, -1));
    }
  }

  private static String protocol(Channel channel) {
    TlsLayer layer = TlsLayer.of(channel);
    String protocol = layer == null ? null : layer.protocol();
    return protocol == null ? "unknown" : protocol;
  }
}
