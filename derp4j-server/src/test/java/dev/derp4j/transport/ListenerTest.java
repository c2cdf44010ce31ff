package dev.derp4j.transport;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

/// Listening sockets, and what the connections that they accept are like.
class ListenerTest {
  private static final SocketOptions USUAL =
      new SocketOptions(Duration.ofMinutes(10), Duration.ofSeconds(15));
  private static final InetAddress LOOPBACK_4 = loopback("127.0.0.1");
  private static final InetAddress LOOPBACK_6 = loopback("::1");

  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
  private final List<RelayEventLoops> opened = new ArrayList<>();

  private final ChannelInitializer<Channel> noting =
      new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel channel) {
          accepted.add(channel);
        }
      };

  @AfterEach
  void close() {
    opened.forEach(RelayEventLoops::close);
  }

  // Options

  @Test
  void anEpollConnectionHasTheOptionsOfItsListener() throws Exception {
    EpollSocketChannel channel = (EpollSocketChannel) connection(Transport.EPOLL, USUAL);
    assertThat(channel.config().getTcpUserTimeout()).isEqualTo(15_000);
    assertThat(channel.config().isKeepAlive()).isTrue();
    assertThat(channel.config().getTcpKeepIdle()).isEqualTo(600);
    assertThat(channel.config().getTcpKeepIntvl()).isEqualTo(15);
    assertThat(channel.config().isTcpNoDelay()).isTrue();
  }

  @Test
  void anEpollConnectionHasTheSystemsDefaultsWhereAnOptionIsZero() throws Exception {
    EpollSocketChannel channel =
        (EpollSocketChannel)
            connection(Transport.EPOLL, new SocketOptions(Duration.ZERO, Duration.ZERO));
    assertThat(channel.config().getTcpUserTimeout()).isZero();
    assertThat(channel.config().isKeepAlive()).isFalse();
    assertThat(channel.config().isTcpNoDelay()).isTrue();
  }

  @Test
  void aNioConnectionHasThoseThatTheJdkKnows() throws Exception {
    Channel channel = connection(Transport.NIO, USUAL);
    SocketChannelConfig config = (SocketChannelConfig) channel.config();
    assertThat(config.isKeepAlive()).isTrue();
    assertThat(config.isTcpNoDelay()).isTrue();
    assertThat(config.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE)))
        .isEqualTo(600);
    assertThat(config.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL)))
        .isEqualTo(15);

    SocketChannelConfig without =
        (SocketChannelConfig)
            connection(Transport.NIO, new SocketOptions(Duration.ZERO, Duration.ZERO)).config();
    assertThat(without.isKeepAlive()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void everyConnectionAllocatesFromTheRelaysPool(Transport transport) throws Exception {
    Channel channel = connection(transport, USUAL);
    assertThat(channel.alloc()).isInstanceOf(PooledByteBufAllocator.class);
    assertThat(channel.alloc()).isNotSameAs(PooledByteBufAllocator.DEFAULT);
    assertThat(channel.alloc()).isSameAs(channel.parent().alloc());
    assertThat(channel.config().getWriteBufferHighWaterMark()).isEqualTo(64 * 1024);
    assertThat(channel.config().getWriteBufferLowWaterMark()).isEqualTo(16 * 1024);
  }

  // Addresses

  @ParameterizedTest
  @EnumSource
  void aWildcardTakesBothFamiliesAndSeesEachClientInItsOwn(Transport transport) throws Exception {
    assumeIpv6();
    InetSocketAddress bound = loops(transport).listen(new InetSocketAddress(0), USUAL, noting);
    for (InetAddress ip : List.of(LOOPBACK_4, LOOPBACK_6)) {
      try (Socket client = new Socket(ip, bound.getPort())) {
        InetSocketAddress seen = (InetSocketAddress) taken().remoteAddress();
        assertThat(seen.getAddress()).hasSameClassAs(ip).isEqualTo(ip);
        assertThat(seen.getPort()).isEqualTo(client.getLocalPort());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theIpv6WildcardTakesBothFamiliesToo(Transport transport) throws Exception {
    assumeIpv6();
    InetAddress any = InetAddress.getByAddress(new byte[16]);
    InetSocketAddress bound = loops(transport).listen(new InetSocketAddress(any, 0), USUAL, noting);
    for (InetAddress ip : List.of(LOOPBACK_4, LOOPBACK_6)) {
      new Socket(ip, bound.getPort()).close();
      assertThat(((InetSocketAddress) taken().remoteAddress()).getAddress()).isEqualTo(ip);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCertainAddressTakesItsFamilyAlone(Transport transport) throws Exception {
    assumeIpv6();
    InetSocketAddress bound =
        loops(transport).listen(new InetSocketAddress(LOOPBACK_4, 0), USUAL, noting);
    assertThat(bound.getAddress()).isEqualTo(LOOPBACK_4);
    new Socket(LOOPBACK_4, bound.getPort()).close();
    taken();
    assertThatThrownBy(() -> new Socket(LOOPBACK_6, bound.getPort()).close())
        .isInstanceOf(IOException.class);
  }

  // What can go wrong

  @ParameterizedTest
  @EnumSource
  void aPortInUseIsOneLineForTheOperator(Transport transport) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK_4)) {
      int port = taken.getLocalPort();
      assertThatThrownBy(
              () -> loops(transport).listen(new InetSocketAddress(LOOPBACK_4, port), USUAL, noting))
          .isInstanceOf(IOException.class)
          .hasMessage("listen tcp 127.0.0.1:" + port + ": address already in use");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWildcardPortInUseNamesThePortAlone(Transport transport) throws Exception {
    int port = loops(transport).listen(new InetSocketAddress(0), USUAL, noting).getPort();
    assertThatThrownBy(() -> loops(transport).listen(new InetSocketAddress(port), USUAL, noting))
        .isInstanceOf(IOException.class)
        .hasMessage("listen tcp :" + port + ": address already in use");
  }

  @ParameterizedTest
  @EnumSource
  void anAddressOfAnotherMachineIsOneLineForTheOperator(Transport transport) throws Exception {
    InetAddress foreign = InetAddress.getByName("192.0.2.1");
    assertThatThrownBy(
            () -> loops(transport).listen(new InetSocketAddress(foreign, 0), USUAL, noting))
        .isInstanceOf(IOException.class)
        .hasMessage("listen tcp 192.0.2.1:0: cannot assign requested address");
  }

  // Loops

  @ParameterizedTest
  @EnumSource
  void connectionsAreSpreadOverAllLoops(Transport transport) throws Exception {
    RelayEventLoops loops = loops(transport);
    assertThat(loops.loops()).hasSize(2);
    InetSocketAddress bound = loops.listen(new InetSocketAddress(LOOPBACK_4, 0), USUAL, noting);
    Set<EventLoop> used = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      new Socket(LOOPBACK_4, bound.getPort()).close();
      used.add(taken().eventLoop());
    }
    assertThat(used).isEqualTo(new HashSet<>(loops.loops()));
  }

  @ParameterizedTest
  @EnumSource
  void whoStopsListeningKeepsItsConnections(Transport transport) throws Exception {
    RelayEventLoops loops = loops(transport);
    InetSocketAddress bound = loops.listen(new InetSocketAddress(LOOPBACK_4, 0), USUAL, noting);
    try (Socket client = new Socket(LOOPBACK_4, bound.getPort())) {
      Channel channel = taken();
      loops.stopListening();
      // NIO closes the socket when its selector next comes round.
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> new Socket(LOOPBACK_4, bound.getPort()).close())
                      .isInstanceOf(IOException.class));
      assertThat(channel.isActive()).isTrue();
      channel.writeAndFlush(channel.alloc().buffer(1).writeByte(42)).sync();
      assertThat(client.getInputStream().read()).isEqualTo(42);

      loops.close();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(loops.loops()).allMatch(EventLoop::isTerminated);
    }
  }

  private Channel connection(Transport transport, SocketOptions options) throws Exception {
    InetSocketAddress bound =
        loops(transport).listen(new InetSocketAddress(LOOPBACK_4, 0), options, noting);
    Socket client = new Socket(LOOPBACK_4, bound.getPort());
    Channel channel = taken();
    channel.closeFuture().addListener(closed -> client.close());
    return channel;
  }

  private Channel taken() throws InterruptedException {
    Channel channel = accepted.poll(1, TimeUnit.MINUTES);
    assertThat(channel).as("a connection was accepted").isNotNull();
    return channel;
  }

  private RelayEventLoops loops(Transport transport) {
    assumeThat(transport == Transport.NIO || Transport.choose() == transport)
        .as("the transport is there")
        .isTrue();
    RelayEventLoops loops = new RelayEventLoops(transport, 2);
    opened.add(loops);
    return loops;
  }

  private static void assumeIpv6() {
    try (ServerSocket probe = new ServerSocket(0, 1, LOOPBACK_6)) {
      assertThat(probe.isBound()).isTrue();
    } catch (IOException none) {
      assumeThat(false).as("this machine has IPv6").isTrue();
    }
  }

  private static InetAddress loopback(String ip) {
    try {
      return InetAddress.getByName(ip);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
