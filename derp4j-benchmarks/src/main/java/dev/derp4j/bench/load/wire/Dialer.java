package dev.derp4j.bench.load.wire;

import dev.derp4j.key.NodePublicKey;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Opens connections to the target, and owns the event loops they live on.
///
/// Buffers come from Netty's pooled allocator by name, never from the default one: on JDK 25 that
/// one costs three times the processor time per packet, and a generator that slow would measure
/// itself.
public final class Dialer implements AutoCloseable {
  private static final int RECEIVE_BUFFER = 64 * 1024;

  private final Target target;
  private final ClientTls tls;
  private final Transport transport;
  private final MultiThreadIoEventLoopGroup group;
  private final List<EventLoop> loops = new ArrayList<>();
  private final Bootstrap bootstrap;
  private final AtomicInteger lost;
  private final boolean ownsLoops;
  private final AtomicInteger turn = new AtomicInteger();

  /// @param loopCount number of event loops; one per core that the generator may use
  public Dialer(Target target, ClientTls tls, Transport transport, int loopCount) {
    this(target, tls, transport, loopCount, new DefaultThreadFactory("load", true));
  }

  /// One whose event loops take only the processor time that others leave.
  public static Dialer ofLowPriority(
      Target target, ClientTls tls, Transport transport, int loopCount) {
    return new Dialer(target, tls, transport, loopCount, new LowPriority("crowd"));
  }

  private Dialer(
      Target target, ClientTls tls, Transport transport, int loopCount, ThreadFactory threads) {
    this(
        target,
        tls,
        transport,
        new MultiThreadIoEventLoopGroup(loopCount, threads, transport.handlers()),
        new AtomicInteger(),
        true);
  }

  private Dialer(
      Target target,
      ClientTls tls,
      Transport transport,
      MultiThreadIoEventLoopGroup group,
      AtomicInteger lost,
      boolean ownsLoops) {
    this.target = target;
    this.tls = tls;
    this.transport = transport;
    this.group = group;
    this.lost = lost;
    this.ownsLoops = ownsLoops;
    group.forEach(executor -> loops.add((EventLoop) executor));
    this.bootstrap =
        new Bootstrap()
            .channel(transport.channel())
            .resolver(NoopAddressResolverGroup.INSTANCE)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BUFFER))
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000);
    if (!target.sources().isEmpty()
        && EpollSocketChannel.class.isAssignableFrom(transport.channel())) {
      // Lets the kernel share a source port between destinations, so that an address serves 28,000
      // connections.
      bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
    }
  }

  /// One that connects to another server, on the same event loops and with the same count of lost
  /// connections. The loops end with this one, not with that.
  public Dialer toward(Target other) {
    return new Dialer(other, tls, transport, group, lost, false);
  }

  /// The event loops, always in the same order.
  public List<EventLoop> loops() {
    return List.copyOf(loops);
  }

  /// The loop for the `index`-th of many connections.
  public EventLoop loopFor(int index) {
    return loops.get(index % loops.size());
  }

  /// How many open connections ended without our doing.
  public int lost() {
    return lost.get();
  }

  /// Asks the server for its key by shaking hands once, and tries again while nobody answers.
  ///
  /// @param patienceSeconds how long a server may take to come up
  public NodePublicKey meetServer(int patienceSeconds) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
    while (true) {
      try {
        Identity visitor = Identity.generate();
        dial(loopFor(0), visitor, false).get(30, TimeUnit.SECONDS).close().join();
        return visitor.server();
      } catch (ExecutionException | TimeoutException e) {
        if (System.nanoTime() - deadline >= 0) {
          Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
          throw new IOException(
              "no handshake with "
                  + target.hostHeader()
                  + ": "
                  + Objects.requireNonNullElse(cause.getMessage(), cause),
              cause);
        }
        Thread.sleep(50);
      }
    }
  }

  /// Connects and shakes hands; completes on `loop`.
  public CompletableFuture<DerpConnection> connect(EventLoop loop, Identity identity) {
    return dial(loop, identity, target.fastStart());
  }

  private CompletableFuture<DerpConnection> dial(
      EventLoop loop, Identity identity, boolean fastStart) {
    Target way =
        fastStart == target.fastStart()
            ? target
            : new Target(target.address(), target.tls(), fastStart, target.sources());
    CompletableFuture<DerpConnection> opened = new CompletableFuture<>();
    Bootstrap one = bootstrap.clone(loop);
    one.handler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            DerpConnection connection = new DerpConnection(identity.key(), channel, opened, lost);
            ChannelPipeline pipeline = channel.pipeline();
            if (way.tls()) {
              pipeline.addLast("tls", tls.newHandler(channel.alloc()));
            }
            byte[] introduction = fastStart ? identity.introduction() : new byte[0];
            pipeline.addLast("upgrade", new UpgradeHandler(way, introduction));
            pipeline.addLast("greeting", new GreetingHandler(identity, connection, fastStart));
            pipeline.addLast("relaying", connection);
          }
        });
    dial(one).addListener(future -> failed(future.cause(), opened));
    return opened;
  }

  /// Connects only to begin: says `first`, behind a TLS handshake if that is asked for and the
  /// server speaks TLS, and nothing more. What the server says is thrown away. Completes on `loop`.
  CompletableFuture<Channel> begin(EventLoop loop, boolean secure, ByteBuf first) {
    CompletableFuture<Channel> begun = new CompletableFuture<>();
    Bootstrap one = bootstrap.clone(loop);
    one.handler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (secure && target.tls()) {
              channel.pipeline().addLast("tls", tls.newHandler(channel.alloc()));
            }
            channel.pipeline().addLast("beginning", new BeginningHandler(first, begun));
          }
        });
    dial(one).addListener(future -> failed(future.cause(), begun));
    return begun;
  }

  private static void failed(@Nullable Throwable cause, CompletableFuture<?> waiting) {
    if (cause != null) {
      waiting.completeExceptionally(cause);
    }
  }

  private ChannelFuture dial(Bootstrap one) {
    return target.sources().isEmpty()
        ? one.connect(target.address())
        : one.connect(target.address(), new InetSocketAddress(nextSource(), 0));
  }

  private InetAddress nextSource() {
    List<InetAddress> sources = target.sources();
    return sources.get(Math.floorMod(turn.getAndIncrement(), sources.size()));
  }

  @Override
  public void close() {
    if (!ownsLoops) {
      return;
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
