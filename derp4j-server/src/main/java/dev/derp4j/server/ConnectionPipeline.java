package dev.derp4j.server;

import dev.derp4j.http.HttpPhase;
import dev.derp4j.http.HttpSite;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.session.RelaySession;
import dev.derp4j.tls.ServerTls;
import dev.derp4j.transport.ProxyHeaders;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/// What a fresh connection's pipeline holds: a PROXY header where it is due, TLS where the port has
/// it, then HTTP. The phases behind it put themselves in HTTP's place.
final class ConnectionPipeline extends ChannelInitializer<Channel> {
  private final @Nullable ServerTls tls;
  private final HttpSite site;
  private final Metrics metrics;
  private final ProxyHeaders proxies;

  ConnectionPipeline(
      @Nullable ServerTls tls, HttpSite site, Metrics metrics, ProxyHeaders proxies) {
    this.proxies = proxies;
    this.tls = tls;
    this.site = site;
    this.metrics = metrics;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (tls != null) {
      metrics.increment(Metric.TLS_LISTENER_ACCEPTED_CONNECTIONS);
    }
    proxies.begin(channel, this::phases);
  }

  private void phases(ChannelPipeline pipeline) {
    if (tls != null) {
      pipeline.addLast(RelaySession.TLS, tls.newHandler(pipeline.channel().alloc()));
    }
    HttpPhase.install(pipeline, site);
  }
}
