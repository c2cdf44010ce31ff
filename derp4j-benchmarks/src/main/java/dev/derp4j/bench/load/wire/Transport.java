package dev.derp4j.bench.load.wire;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// How sockets are driven: epoll where its native library loads, the JDK's selector elsewhere.
public record Transport(
    String name, IoHandlerFactory handlers, Class<? extends SocketChannel> channel) {

  /// The cheapest transport that works here.
  public static Transport best() {
    return Epoll.isAvailable()
        ? new Transport("epoll", EpollIoHandler.newFactory(), EpollSocketChannel.class)
        : new Transport("nio", NioIoHandler.newFactory(), NioSocketChannel.class);
  }
}
