package dev.derp4j.transport;

import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connections that come from proxies begin with a PROXY header that says for whom. From everybody
/// else a header is what it looks like: neither TLS nor HTTP.
///
/// Immutable but for its log limit; shared by all ports.
public final class ProxyHeaders {
  /// From the accept to the header's last byte.
  public static final Duration DEADLINE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(ProxyHeaders.class);
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Predicate<InetAddress> proxies;
  private final Metrics metrics;
  private final Duration deadline;
  private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - LOG_INTERVAL_NANOS);

  /// @param proxies whose connections begin with a header, each of them
  public ProxyHeaders(Predicate<InetAddress> proxies, Metrics metrics, Duration deadline) {
    this.proxies = proxies;
    this.metrics = metrics;
    this.deadline = deadline;
  }

  /// Begins a fresh connection's pipeline.
  ///
  /// @param rest adds all other handlers: now, or when the connection's header has come
  public void begin(Channel channel, Consumer<ChannelPipeline> rest) {
    if (channel.remoteAddress() instanceof InetSocketAddress remote
        && proxies.test(remote.getAddress())) {
      channel.pipeline().addLast("proxy-header", new ProxyHeaderHandler(this, rest));
    } else {
      rest.accept(channel.pipeline());
    }
  }

  long deadlineMillis() {
    return deadline.toMillis();
  }

  /// A connection ended before its header was whole. One line in ten seconds: it is a proxy that is
  /// set up wrongly, and all its connections fail alike.
  void closed(Channel channel, CloseReason reason, String why) {
    metrics.closed(reason);
    if (reason != CloseReason.PROXY_HEADER) {
      return;
    }
    long now = System.nanoTime();
    long last = lastLogged.get();
    if (now - last >= LOG_INTERVAL_NANOS && lastLogged.compareAndSet(last, now)) {
      LOG.warn("derp: {}: {} from a proxy of -proxy-protocol-from", text(channel), why);
    }
  }

  private static String text(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress remote
        ? NetUtil.toSocketAddressString(remote)
        : "unknown";
  }
}
