package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One event loop for a test, and how a test waits for what happens on it.
final class Loops implements AutoCloseable {
  private static final int LIMIT_SECONDS = 15;

  private final MultiThreadIoEventLoopGroup group;

  private Loops(IoHandlerFactory kind) {
    group = new MultiThreadIoEventLoopGroup(1, kind);
  }

  static Loops nio() {
    return new Loops(NioIoHandler.newFactory());
  }

  static Loops epoll() {
    return new Loops(EpollIoHandler.newFactory());
  }

  EventLoop loop() {
    return group.next();
  }

  static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw new AssertionError("not done within " + LIMIT_SECONDS + " s", e);
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
