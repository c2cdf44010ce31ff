package dev.derp4j.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.SocketOption;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/// The options of listening sockets, and through them of every connection.
///
/// On Linux an accepted socket inherits keepalive, user timeout and no-delay from the listening
/// one, so that they are set once and an accept costs no further system calls. With NIO they are
/// set on each connection.
///
/// @param keepAliveTime idle time before the first TCP keepalive probe; long, since probes cost
///     phones their battery; zero turns keepalive off
/// @param userTimeout how long sent data may stay unacknowledged before the kernel gives up; zero
///     leaves the system's default
public record SocketOptions(Duration keepAliveTime, Duration userTimeout) {
  private static final int SOL_SOCKET = 1;
  private static final int SO_KEEPALIVE = 9;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int TCP_KEEPIDLE = 4;
  private static final int TCP_KEEPINTVL = 5;
  private static final int TCP_USER_TIMEOUT = 18;
  private static final int KEEPALIVE_INTERVAL_SECONDS = 15;
  private static final int BACKLOG = 4096;

  void applyTo(ServerBootstrap bootstrap, Transport transport) {
    bootstrap.option(ChannelOption.SO_REUSEADDR, true).option(ChannelOption.SO_BACKLOG, BACKLOG);
    switch (transport) {
      case EPOLL -> inherited(bootstrap);
      case NIO -> perConnection(bootstrap);
    }
  }

  private void inherited(ServerBootstrap bootstrap) {
    bootstrap.option(option("TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY), 1);
    if (keepAliveTime.isPositive()) {
      bootstrap
          .option(option("SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE), 1)
          .option(option("TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE), keepAliveSeconds())
          .option(option("TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL), KEEPALIVE_INTERVAL_SECONDS);
    }
    if (userTimeout.isPositive()) {
      bootstrap.option(
          option("TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT),
          (int) Math.min(Integer.MAX_VALUE, userTimeout.toMillis()));
    }
  }

  private void perConnection(ServerBootstrap bootstrap) {
    bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
    if (keepAliveTime.isPositive()) {
      bootstrap.childOption(ChannelOption.SO_KEEPALIVE, true);
      bootstrap.childOption(nioOption(ExtendedSocketOptions.TCP_KEEPIDLE), keepAliveSeconds());
      bootstrap.childOption(
          nioOption(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEPALIVE_INTERVAL_SECONDS);
    }
  }

  private int keepAliveSeconds() {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, keepAliveTime.toSeconds()));
  }

  private static ChannelOption<Integer> option(String name, int level, int number) {
    return new IntegerUnixChannelOption(name, level, number);
  }

  private static ChannelOption<Integer> nioOption(SocketOption<Integer> option) {
    return NioChannelOption.of(option);
  }
}
