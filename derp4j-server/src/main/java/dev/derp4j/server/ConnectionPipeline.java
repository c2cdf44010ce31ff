package dev.derp4j.server;

import dev.derp4j.http.HttpPhase;
import dev.derp4j.http.HttpSite;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.tls.ServerTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import org.jspecify.annotations.Nullable;

/// What a fresh connection's pipeline holds: TLS where the port has it, then HTTP. The phases
/// behind it put themselves in HTTP's place.
final class ConnectionPipeline extends ChannelInitializer<Channel> {
  private final @Nullable ServerTls tls;
  private final HttpSite site;
  private final Metrics metrics;

  ConnectionPipeline(@Nullable ServerTls tls, HttpSite site, Metrics metrics) {
    this.tls = tls;
    this.site = site;
    this.metrics = metrics;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (tls != null) {
      metrics.increment(Metric.TLS_LISTENER_ACCEPTED_CONNECTIONS);
      channel.pipeline().addLast("tls", tls.newHandler(channel.alloc()));
    }
    HttpPhase.install(channel.pipeline(), site);
  }
}
