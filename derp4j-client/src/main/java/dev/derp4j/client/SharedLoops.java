package dev.derp4j.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The event loops of all clients that were given none: a few daemon threads, made for the first
/// client and ended behind the last.
final class SharedLoops {
  /// Two loops carry some hundred thousand packets a second; who has more brings a group.
  private static final int THREADS = 2;

  private static final SharedLoops INSTANCE = new SharedLoops();

  private @Nullable EventLoopGroup group;
  private int users;

  private SharedLoops() {}

  static EventLoopGroup acquire() {
    return INSTANCE.add();
  }

  static void release() {
    INSTANCE.remove();
  }

  /// Makes a group of threads that do not keep the process alive.
  static EventLoopGroup newGroup(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads,
        new DefaultThreadFactory(name, true),
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  private synchronized EventLoopGroup add() {
    EventLoopGroup current = group;
    if (current == null) {
      current = newGroup("derp4j-client", THREADS);
      group = current;
    }
    users++;
    return current;
  }

  private synchronized void remove() {
    users--;
    if (users == 0 && group != null) {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      group = null;
    }
  }
}
