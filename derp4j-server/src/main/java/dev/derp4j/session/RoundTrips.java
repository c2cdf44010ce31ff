package dev.derp4j.session;

import dev.derp4j.metrics.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.AttributeKey;

/// Samples the kernel's estimate of a connection's round-trip time into `derp_tcp_rtt`.
public final class RoundTrips {
  private static final AttributeKey<Boolean> EXCLUDED =
      AttributeKey.valueOf(RoundTrips.class, "excluded");
  private static final int[] BOUNDS_MILLIS = {10, 20, 50, 100, 150, 250, 500};

  private RoundTrips() {}

  /// Counts a connection as `non-tcp` instead: its client's bytes are wrapped in something else.
  public static void exclude(Channel channel) {
    channel.attr(EXCLUDED).set(true);
  }

  /// Adds one sample; on transports that do not tell, none.
  static void sample(Channel channel, Metrics metrics) {
    if (channel.hasAttr(EXCLUDED)) {
      metrics.tcpRtt("non-tcp");
    } else if (channel instanceof EpollSocketChannel socket && socket.isActive()) {
      try {
        metrics.tcpRtt(label(socket.tcpInfo().rtt()));
      } catch (ChannelException unreadable) {
        metrics.tcpRtt("error");
      }
    }
  }

  /// The bucket of a round-trip time in microseconds.
  static String label(long micros) {
    for (int bound : BOUNDS_MILLIS) {
      if (micros <= bound * 1000L) {
        return bound + "ms";
      }
    }
    return "inf";
  }
}
