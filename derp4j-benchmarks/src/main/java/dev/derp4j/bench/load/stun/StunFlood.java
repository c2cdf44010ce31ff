package dev.derp4j.bench.load.stun;

import dev.derp4j.bench.load.report.Percentiles;
import dev.derp4j.bench.load.report.StunReport;
import dev.derp4j.bench.load.wire.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/// Many sockets that ask one server. Driven by the main thread: [#start], [#begin], [#end], then
/// the results.
public final class StunFlood implements AutoCloseable {
  /// Answers have 32 or 44 bytes, and some servers add attributes.
  private static final int LARGEST_ANSWER = 512;

  /// Datagrams that one system call may bring.
  private static final int READ_AT_ONCE = 32;

  private static final int SOCKET_BUFFER = 1 << 20;

  private final MultiThreadIoEventLoopGroup group;
  private final List<StunSocket> sockets = new ArrayList<>();

  /// @param sources local addresses to ask from in turn; empty leaves the choice to the kernel
  /// @param window requests in flight per socket
  /// @param perSecond requests of all sockets by the clock; 0 for as many as there can be
  public StunFlood(
      InetSocketAddress server,
      List<InetAddress> sources,
      int loops,
      int count,
      int window,
      double perSecond)
      throws IOException, InterruptedException {
    Transport transport = Transport.best();
    group =
        new MultiThreadIoEventLoopGroup(
            loops, new DefaultThreadFactory("stun", true), transport.handlers());
    boolean batched = EpollDatagramChannel.class.isAssignableFrom(transport.datagrams());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(transport.datagrams())
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
            .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(
                    batched ? LARGEST_ANSWER * READ_AT_ONCE : LARGEST_ANSWER));
    if (batched) {
      bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, LARGEST_ANSWER);
    }
    for (int i = 0; i < count; i++) {
      StunSocket socket = new StunSocket(window, perSecond / count);
      Bootstrap one = bootstrap.clone().handler(socket);
      var opening =
          sources.isEmpty()
              ? one.connect(server)
              : one.connect(server, new InetSocketAddress(sources.get(i % sources.size()), 0));
      if (!opening.await().isSuccess()) {
        close();
        throw new IOException("no UDP socket: " + opening.cause(), opening.cause());
      }
      sockets.add(socket);
    }
  }

  /// The event loops.
  public List<EventLoop> loops() {
    List<EventLoop> loops = new ArrayList<>();
    group.forEach(executor -> loops.add((EventLoop) executor));
    return loops;
  }

  /// Lets the requests begin.
  public void start() throws InterruptedException {
    onLoops(StunSocket::start);
  }

  /// Counts from here.
  public void begin() throws InterruptedException {
    onLoops(StunSocket::begin);
  }

  /// Counts to here, and asks nothing more.
  public void end() throws InterruptedException {
    onLoops(StunSocket::end);
  }

  /// The counts. To be asked for after [#end].
  ///
  /// @param seconds how long was counted
  public StunReport report(double seconds) {
    return new StunReport(
        sum(StunSocket::requests),
        sum(StunSocket::answers),
        sum(StunSocket::answers) / seconds,
        sum(StunSocket::lost),
        sum(StunSocket::refused),
        sum(StunSocket::wrongOnes),
        sockets.stream().anyMatch(StunSocket::isTranslated));
  }

  /// From request to answer.
  public Percentiles times() {
    Histogram sum = new Histogram(1000, TimeUnit.SECONDS.toNanos(60), 3);
    sockets.forEach(socket -> socket.addTo(sum));
    return Percentiles.of(sum);
  }

  private long sum(ToLongFunction<StunSocket> count) {
    return sockets.stream().mapToLong(count).sum();
  }

  private void onLoops(Consumer<StunSocket> action) throws InterruptedException {
    for (StunSocket socket : sockets) {
      try {
        socket.loop().submit(() -> action.accept(socket)).get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
