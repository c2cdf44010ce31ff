package dev.derp4j.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/// The event loops of one relay and the sockets that listen on them.
public final class RelayEventLoops implements AutoCloseable {
  /// One socket read takes at most this much; small reads get smaller buffers.
  private static final int MAX_READ_BYTES = 64 * 1024;

  private static final int FIRST_READ_BYTES = 2048;
  private static final int LEAST_READ_BYTES = 512;

  /// A connection counts as not writable above the high mark, until it is below the low one.
  private static final WriteBufferWaterMark WRITE_MARKS =
      new WriteBufferWaterMark(16 * 1024, 64 * 1024);

  private static final int QUIET_MILLIS = 50;
  private static final int STOP_MILLIS = 5_000;

  private final Transport transport;
  private final MultiThreadIoEventLoopGroup group;
  private final ByteBufAllocator allocator;
  private final FastThreadLocal<ByteBuf> anchor;
  private final Map<EventLoop, Turns> turns = new HashMap<>();
  private final List<WakeModeration> moderations = new ArrayList<>();
  private final List<Channel> listeners = new ArrayList<>();

  /// @param loops how many event loops; 0 for one per core
  public RelayEventLoops(Transport transport, int loops) {
    this.transport = transport;
    int count = loops > 0 ? loops : Runtime.getRuntime().availableProcessors();
    this.group =
        new MultiThreadIoEventLoopGroup(
            count,
            new DefaultThreadFactory("relay", true),
            transport.ioHandlerFactory(this::moderation));
    this.allocator = RelayAllocator.create(count);
    this.anchor = RelayAllocator.anchor(allocator);
    loops().forEach(loop -> turns.put(loop, new Turns(loop)));
  }

  /// Makes what has a fresh connection of these loops wait for its turns, for the front of its
  /// pipeline. To be removed when its session begins.
  ///
  /// @param channel one that is registered on its loop
  public ChannelHandler turnHandler(Channel channel) {
    Turns ofLoop = turns.get(channel.eventLoop());
    if (ofLoop == null) {
      throw new IllegalArgumentException("not a connection of these loops: " + channel);
    }
    return new TurnHandler(ofLoop);
  }

  /// Loops are made in their order, and each asks once.
  private WakeModeration moderation() {
    WakeModeration moderation = new WakeModeration();
    moderations.add(moderation);
    return moderation;
  }

  /// Wants to be told, on that loop, of the packets that have come in on the `index`-th loop since
  /// it was told last.
  public IntConsumer packetCount(int index) {
    return index < moderations.size() ? moderations.get(index)::relayed : _ -> {};
  }

  /// The loops, each a thread of its own.
  public List<EventLoop> loops() {
    List<EventLoop> loops = new ArrayList<>();
    for (EventExecutor executor : group) {
      loops.add((EventLoop) executor);
    }
    return loops;
  }

  /// Where the buffers of these loops' connections come from.
  public ByteBufAllocator allocator() {
    return allocator;
  }

  /// Opens a listening socket that takes as many connections as come.
  ///
  /// @throws IOException if it cannot be bound; the message is one line for the operator
  public InetSocketAddress listen(
      InetSocketAddress address, SocketOptions options, ChannelInitializer<Channel> pipeline)
      throws IOException {
    return listen(address, options, pipeline, () -> true);
  }

  /// Opens a listening socket. An address without a host listens on all, IPv4 and IPv6.
  ///
  /// @param admits asked for each connection that is accepted, from any thread; where it says no
  ///     the connection is closed before anything is made for it
  ///
  /// @return the address it is bound to
  /// @throws IOException if it cannot be bound; the message is one line for the operator
  public InetSocketAddress listen(
      InetSocketAddress address,
      SocketOptions options,
      ChannelInitializer<Channel> pipeline,
      BooleanSupplier admits)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(transport.serverChannel())
            .handler(gate(admits))
            .option(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_MARKS)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(
                    LEAST_READ_BYTES, FIRST_READ_BYTES, MAX_READ_BYTES))
            .childHandler(anchored(pipeline));
    options.applyTo(bootstrap, transport);
    ChannelFuture bound = bootstrap.bind(WildcardAddress.resolve(address)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "listen tcp " + WildcardAddress.text(address) + ": " + reason(bound.cause()),
          bound.cause());
    }
    listeners.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  /// Stands in the listening socket's pipeline, where accepted connections come by.
  private static ChannelInboundHandlerAdapter gate(BooleanSupplier admits) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        if (admits.getAsBoolean()) {
          ctx.fireChannelRead(accepted);
        } else {
          ((Channel) accepted).unsafe().closeForcibly();
        }
      }
    };
  }

  /// A loop's first connection anchors the loop's memory.
  private ChannelInitializer<Channel> anchored(ChannelInitializer<Channel> pipeline) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        anchor.get();
        channel.pipeline().addLast(pipeline);
      }
    };
  }

  private static String reason(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("Address already in use")) {
      return "address already in use";
    }
    if (message.contains("Permission denied")) {
      return "permission denied";
    }
    if (message.contains("Cannot assign requested address")) {
      return "cannot assign requested address";
    }
    return message;
  }

  /// Closes the listening sockets; connections stay.
  public void stopListening() {
    for (Channel listener : listeners) {
      listener.close().awaitUninterruptibly();
    }
    listeners.clear();
  }

  /// Closes everything that is open and ends the loops.
  ///
  /// A loop ends once nothing has happened on it for a moment: a TLS connection that is being
  /// closed says goodbye first, and frees its native memory behind that.
  @Override
  public void close() {
    Future<?> ended = group.shutdownGracefully(QUIET_MILLIS, STOP_MILLIS, TimeUnit.MILLISECONDS);
    ended.awaitUninterruptibly(STOP_MILLIS, TimeUnit.MILLISECONDS);
  }
}
