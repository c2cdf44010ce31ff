package dev.derp4j.tls;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A server on a loopback port of the system's choice that sends back what it gets, behind the TLS
/// under test.
final class TlsListener implements AutoCloseable {
  /// How each handshake ended.
  record Handshake(@Nullable Throwable failure) {}

  final BlockingQueue<Handshake> handshakes = new LinkedBlockingQueue<>();
  final AtomicInteger applicationRecords = new AtomicInteger();
  private final ChannelGroup children = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
  private final Phaser connections = new Phaser(1);
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final Channel channel;

  TlsListener(ServerTls tls) throws Exception {
    this(tls::newHandler);
  }

  /// @param tls makes what stands first in a connection's pipeline
  TlsListener(Function<ByteBufAllocator, ChannelHandler> tls) throws Exception {
    channel =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    connections.register();
                    accepted
                        .pipeline()
                        .addLast(new RecordCounter(), tls.apply(accepted.alloc()), new Echo());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  Handshake nextHandshake() throws InterruptedException {
    Handshake handshake = handshakes.poll(10, TimeUnit.SECONDS);
    if (handshake == null) {
      throw new AssertionError("no handshake within 10 s");
    }
    return handshake;
  }

  @Override
  public void close() throws Exception {
    channel.close().sync();
    children.close().sync();
    int phase = connections.arriveAndDeregister();
    if (connections.getRegisteredParties() > 0) {
      connections.awaitAdvanceInterruptibly(phase, 10, TimeUnit.SECONDS);
    }
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      children.add(context.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      while (bytes.isReadable()) {
        var _ = context.write(bytes.readRetainedSlice(Math.min(100, bytes.readableBytes())));
      }
      bytes.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent done) {
        handshakes.add(new Handshake(done.cause()));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  private final class RecordCounter extends ChannelOutboundHandlerAdapter {
    private static final int APPLICATION_DATA = 23;

    /// Pipelines are taken down from their end, so the TLS handler is gone by now.
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      connections.arriveAndDeregister();
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ByteBuf bytes = (ByteBuf) message;
      for (int at = bytes.readerIndex();
          at < bytes.writerIndex();
          at += 5 + bytes.getUnsignedShort(at + 3)) {
        if (bytes.getByte(at) == APPLICATION_DATA) {
          applicationRecords.incrementAndGet();
        }
      }
      var _ = context.write(message, promise);
    }
  }
}
