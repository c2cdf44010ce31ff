package dev.derp4j.http;

import dev.derp4j.http.names.NameLookup;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Connects to where a client asked to be connected: asks for the name's addresses, and tries one
/// after the other, all within 15 seconds.
///
/// Only public addresses are tried. The names are somebody else's, and so is what they resolve to:
/// a name server that lies must not open the relay's own network to strangers.
///
/// Thread-safe; a connection comes to be on the event loop of the client that asked for it.
class TunnelDialer {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final Duration LIMIT_PER_ADDRESS = Duration.ofSeconds(5);

  /// How many tunnels there can be at once: each is two connections, and clients need one for the
  /// moment that their own way to the control plane is shut.
  private static final int MOST = 1000;

  private final NameLookup names;
  private final Predicate<InetAddress> allowed;
  private final Semaphore free = new Semaphore(MOST);

  TunnelDialer(NameLookup names, Predicate<InetAddress> allowed) {
    this.names = names;
    this.allowed = allowed;
  }

  /// Whether an address belongs to the public internet, as far as one can tell by looking: RFC
  /// 6890's registries.
  static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    boolean special =
        address.isAnyLocalAddress()
            || address.isLoopbackAddress()
            || address.isLinkLocalAddress()
            || address.isSiteLocalAddress()
            || address.isMulticastAddress();
    if (special) {
      return false;
    }
    return bytes.length == 4
        ? first != 0 && first < 240 && !(first == 100 && (second & 0xc0) == 64)
        : (first & 0xe0) == 0x20;
  }

  /// Connects. The channel does not read until it is told to, and closes whole only when both
  /// directions are closed.
  ///
  /// @param client whose event loop and buffers the connection shares
  Promise<Channel> dial(Channel client, ConnectTarget target) {
    EventLoop loop = client.eventLoop();
    Promise<Channel> result = loop.newPromise();
    if (!free.tryAcquire()) {
      return result.setFailure(new ConnectException("too many tunnels"));
    }
    result.addListener(
        done -> {
          if (done.isSuccess()) {
            result.getNow().closeFuture().addListener(_ -> free.release());
          } else {
            free.release();
          }
        });
    loop.schedule(
        () -> result.tryFailure(new ConnectException("no connection in time")),
        LIMIT.toMillis(),
        TimeUnit.MILLISECONDS);
    names
        .addresses(target.host())
        .whenComplete(
            (found, failure) -> {
              if (!loop.isShuttingDown()) {
                loop.execute(() -> resolved(client, target, found, failure, result));
              }
            });
    return result;
  }

  private void resolved(
      Channel client,
      ConnectTarget target,
      List<InetAddress> found,
      Throwable failure,
      Promise<Channel> result) {
    if (failure != null) {
      result.tryFailure(failure);
      return;
    }
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (InetAddress address : found) {
      if (allowed.test(address)) {
        addresses.add(new InetSocketAddress(address, target.port()));
      }
    }
    tryNext(
        client,
        addresses.iterator(),
        new ConnectException("no public address of " + target.host()),
        result);
  }

  private static void tryNext(
      Channel client,
      Iterator<InetSocketAddress> addresses,
      Throwable last,
      Promise<Channel> result) {
    if (result.isDone()) {
      return;
    }
    if (!addresses.hasNext()) {
      result.tryFailure(last);
      return;
    }
    ChannelFuture attempt = bootstrap(client).connect(addresses.next());
    attempt.addListener(
        done -> {
          if (!done.isSuccess()) {
            tryNext(client, addresses, done.cause(), result);
          } else if (!result.trySuccess(attempt.channel())) {
            attempt.channel().close();
          }
        });
  }

  private static Bootstrap bootstrap(Channel client) {
    Class<? extends SocketChannel> type =
        client instanceof EpollSocketChannel ? EpollSocketChannel.class : NioSocketChannel.class;
    return new Bootstrap()
        .group(client.eventLoop())
        .channel(type)
        .option(ChannelOption.ALLOCATOR, client.alloc())
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) LIMIT_PER_ADDRESS.toMillis())
        .handler(new ChannelInboundHandlerAdapter());
  }
}
