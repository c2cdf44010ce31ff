package dev.derp4j.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;

/// How the relay talks to the kernel.
public enum Transport {
  /// Linux's epoll through Netty's native library.
  EPOLL,
  /// The JDK's selectors, on every system.
  NIO;

  /// Epoll where its library loads, NIO elsewhere or where the system property
  /// `dev.derp4j.transport` says `nio`.
  public static Transport choose() {
    boolean forcedNio = "nio".equalsIgnoreCase(System.getProperty("dev.derp4j.transport"));
    return !forcedNio && Epoll.isAvailable() ? EPOLL : NIO;
  }

  /// @param moderation how a loop decides whether to wait; of use to epoll alone
  IoHandlerFactory ioHandlerFactory(SelectStrategyFactory moderation) {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory(0, moderation);
      case NIO -> NioIoHandler.newFactory();
    };
  }

  Class<? extends ServerSocketChannel> serverChannel() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel.class;
      case NIO -> NioServerSocketChannel.class;
    };
  }

  /// For the start-up log.
  public String description() {
    return switch (this) {
      case EPOLL -> "epoll";
      case NIO -> "NIO";
    };
  }
}
