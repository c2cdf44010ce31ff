package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// Which kind of socket an event loop drives.
final class SocketKinds {
  private SocketKinds() {}

  static Class<? extends SocketChannel> of(EventLoop loop) {
    boolean epoll =
        Epoll.isAvailable()
            && loop instanceof IoEventLoop io
            && io.isCompatible(EpollIoHandle.class);
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }
}
