package dev.derp4j.server;

import dev.derp4j.http.HttpPhase;
import dev.derp4j.http.HttpSite;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.session.RelaySession;
import dev.derp4j.tls.ServerTls;
import dev.derp4j.transport.ProxyHeaders;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a fresh connection's pipeline holds: its turns with the event loop, a PROXY header where it
/// is due, TLS where the port has it, then HTTP. The phases behind it put themselves in HTTP's
/// place; turns end where packets begin.
final class ConnectionPipeline extends ChannelInitializer<Channel> {
  private final @Nullable ServerTls tls;
  private final HttpSite site;
  private final Metrics metrics;
  private final ProxyHeaders proxies;
  private final Function<Channel, ChannelHandler> turns;

  /// @param turns makes the handler by which a connection waits for its turns
  ConnectionPipeline(
      @Nullable ServerTls tls,
      HttpSite site,
      Metrics metrics,
      ProxyHeaders proxies,
      Function<Channel, ChannelHandler> turns) {
    this.turns = turns;
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
    channel.pipeline().addLast(RelaySession.TURNS, turns.apply(channel));
    proxies.begin(channel, this::phases);
  }

  private void phases(ChannelPipeline pipeline) {
    if (tls != null) {
      pipeline.addLast(RelaySession.TLS, tls.newHandler(pipeline.channel().alloc()));
    }
    HttpPhase.install(pipeline, site);
  }
}
