package dev.derp4j.http;

import dev.derp4j.debug.DebugAccess;
import dev.derp4j.metrics.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A connection in its HTTP phase without a network: bytes in, bytes out, with time standing still.
final class HttpChannel implements AutoCloseable {
  static final SocketAddress LOOPBACK = address("127.0.0.1");
  static final SocketAddress STRANGER = address("192.0.2.7");

  final Metrics metrics = new Metrics("1.2.3", "derper");
  final Derp derp = new Derp();
  final EmbeddedChannel channel;
  @Nullable UpgradeRequest upgrade;
  DerpUpgrader upgrader =
      (ctx, request) -> {
        upgrade = request;
        HttpPhase.handOver(ctx, "derp", derp);
      };

  static SocketAddress address(String ip) {
    return new InetSocketAddress(InetAddress.ofLiteral(ip), 40_000);
  }

  HttpChannel() {
    this(HttpSite.Mode.DERP_PLAIN);
  }

  HttpChannel(HttpSite.Mode mode) {
    this(mode, LOOPBACK, settings -> settings);
  }

  HttpChannel(HttpSite.Mode mode, SocketAddress remote, UnaryOperator<HttpSite.Builder> settings) {
    HttpSite.Builder builder =
        HttpSite.builder(metrics, (ctx, request) -> upgrader.upgrade(ctx, request))
            .debugAccess(new DebugAccess(Map.of()))
            .version("1.2.3")
            .slowPages(Runnable::run);
    HttpSite site = settings.apply(builder).build(mode);
    channel = new RemoteChannel(remote);
    channel.freezeTime();
    HttpPhase.install(channel.pipeline(), site);
  }

  /// Sends a text in one piece; bytes are Latin-1.
  HttpChannel send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  HttpChannel send(byte[] bytes) {
    channel.writeInbound(channel.alloc().buffer(Math.max(1, bytes.length)).writeBytes(bytes));
    return this;
  }

  HttpChannel sendByteByByte(byte[] bytes) {
    for (byte each : bytes) {
      send(new byte[] {each});
    }
    return this;
  }

  /// All that was written so far and not yet taken.
  String received() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      byte[] bytes = new byte[next.readableBytes()];
      next.readBytes(bytes);
      out.writeBytes(bytes);
      next.release();
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  String ask(String text) {
    return send(text).received();
  }

  static String get(String target) {
    return request("GET", target);
  }

  static String request(String method, String target, String... headers) {
    StringBuilder text =
        new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: h.example\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return text.append("\r\n").toString();
  }

  void advance(long seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    channel.unfreezeTime();
    channel.finishAndReleaseAll();
  }

  /// What stands behind the hand-over: keeps the bytes it gets.
  static final class Derp extends ChannelInboundHandlerAdapter {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<Object> strays = new ArrayList<>();
    boolean added;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      added = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf buffer) {
        byte[] copy = new byte[buffer.readableBytes()];
        buffer.readBytes(copy);
        bytes.writeBytes(copy);
        buffer.release();
      } else {
        strays.add(message);
      }
    }
  }

  private static final class RemoteChannel extends EmbeddedChannel {
    private final SocketAddress remote;

    RemoteChannel(SocketAddress remote) {
      this.remote = remote;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
      return isActive() ? remote : null;
    }
  }
}
