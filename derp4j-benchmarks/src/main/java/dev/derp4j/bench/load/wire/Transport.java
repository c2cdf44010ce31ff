package dev.derp4j.bench.load.wire;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// How sockets are driven: epoll where its native library loads, the JDK's selector elsewhere.
///
/// @param name `epoll` or `nio`
/// @param handlers what an event loop waits with
/// @param channel for TCP
/// @param datagrams for UDP
public record Transport(
    String name,
    IoHandlerFactory handlers,
    Class<? extends SocketChannel> channel,
    Class<? extends DatagramChannel> datagrams) {

  /// The cheapest transport that works here.
  public static Transport best() {
    return Epoll.isAvailable()
        ? new Transport(
            "epoll",
            EpollIoHandler.newFactory(),
            EpollSocketChannel.class,
            EpollDatagramChannel.class)
        : new Transport(
            "nio", NioIoHandler.newFactory(), NioSocketChannel.class, NioDatagramChannel.class);
  }
}
