package dev.derp4j.client;

import dev.derp4j.client.dial.DerpLink;
import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One established connection: frames in, frames out, signs of life.
///
/// Owned by the channel's event loop; other threads only use [#outbox] and the final fields.
final class Connection extends ChannelInboundHandlerAdapter {
  /// What a connection tells its owner, on the loop.
  interface Owner {
    void restarting(Duration reconnectIn, Duration tryFor);

    void health(String problem);

    void ended(Connection connection, String reason);
  }

  private static final int KEYED_OVERHEAD = FrameLimits.HEADER_LENGTH + NodePublicKey.LENGTH;

  private final DerpLink link;
  private final int generation;
  private final ClientOptions options;
  private final Inbox inbox;
  private final Tally tally;
  private final Owner owner;
  private final Outbox outbox;
  private final TokenBucket bucket;
  private final FrameDecoder decoder = FrameDecoder.forServerFrames();
  private final Map<Long, Consumer<@Nullable IOException>> pings = new HashMap<>();
  private final long since = System.nanoTime();
  private long lastFrame = since;
  private @Nullable ChannelHandlerContext context;
  private @Nullable String reason;
  private boolean over;

  Connection(
      DerpLink link, int generation, ClientOptions options, Inbox inbox, Tally tally, Owner owner) {
    this.link = link;
    this.generation = generation;
    this.options = options;
    this.inbox = inbox;
    this.tally = tally;
    this.owner = owner;
    this.outbox = new Outbox(link.channel().eventLoop());
    this.bucket = TokenBucket.of(link.serverInfo(), since);
  }

  DerpMessage.Connected announcement() {
    return new DerpMessage.Connected(
        generation, link.endpoint().name(), link.serverKey(), link.serverInfo());
  }

  NodePublicKey serverKey() {
    return link.serverKey();
  }

  long age(long now) {
    return now - since;
  }

  /// Sends a packet, unless it exceeds what the server takes; any thread but the loop.
  void sendPacket(NodePublicKey destination, byte[] payload, long deadline)
      throws IOException, InterruptedException, TimeoutException {
    int size = KEYED_OVERHEAD + payload.length;
    ByteBuf frame = link.channel().alloc().buffer(size);
    FrameWriter.writeSendPacket(frame, destination, payload);
    if (outbox.send(frame, () -> bucket.take(size, System.nanoTime()), deadline)) {
      tally.sent(payload.length);
    } else {
      tally.packetsOverRate.increment();
    }
  }

  void forwardPacket(NodePublicKey source, NodePublicKey destination, byte[] payload, long deadline)
      throws IOException, InterruptedException, TimeoutException {
    ByteBuf frame =
        link.channel().alloc().buffer(KEYED_OVERHEAD + NodePublicKey.LENGTH + payload.length);
    FrameWriter.writeForwardPacket(frame, source, destination, payload);
    outbox.send(frame, () -> true, deadline);
    tally.sent(payload.length);
  }

  void sendControl(Consumer<ByteBuf> frame, long deadline)
      throws IOException, InterruptedException, TimeoutException {
    ByteBuf bytes = link.channel().alloc().buffer(KEYED_OVERHEAD);
    frame.accept(bytes);
    outbox.send(bytes, () -> true, deadline);
  }

  /// On the loop: a frame of a few bytes, which is let go if the connection is stuck or gone.
  void writeSmall(Consumer<ByteBuf> frame) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && !over && ctx.channel().isWritable()) {
      ByteBuf bytes = ctx.alloc().buffer(KEYED_OVERHEAD);
      frame.accept(bytes);
      ctx.writeAndFlush(bytes);
    }
  }

  /// On the loop: pings, and completes the future with the time until the answer.
  void ping(CompletableFuture<Duration> result) {
    long data = ThreadLocalRandom.current().nextLong();
    long sent = System.nanoTime();
    pings.put(
        data,
        failure -> {
          if (failure == null) {
            result.complete(Duration.ofNanos(System.nanoTime() - sent));
          } else {
            result.completeExceptionally(failure);
          }
        });
    var loop = link.channel().eventLoop();
    result.whenComplete((time, failure) -> loop.execute(() -> pings.remove(data)));
    writeSmall(out -> FrameWriter.writePing(out, data));
    if (over) {
      result.completeExceptionally(new IOException("connection lost: " + reason));
    }
  }

  /// Goes on reading once there is room again; any thread.
  void resume() {
    link.channel()
        .eventLoop()
        .execute(
            () -> {
              lastFrame = System.nanoTime(); // nobody listened meanwhile
              link.channel().config().setAutoRead(true);
            });
  }

  void close(String why) {
    if (reason == null) {
      reason = why;
    }
    link.channel().close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    outbox.open(ctx);
    watchLife(options.deadAfter().toNanos());
  }

  private void watchLife(long nanos) {
    link.channel().eventLoop().schedule(this::checkLife, nanos, TimeUnit.NANOSECONDS);
  }

  private void checkLife() {
    if (over) {
      return;
    }
    if (!link.channel().config().isAutoRead()) {
      lastFrame = System.nanoTime(); // it is we who do not listen
    }
    long left = lastFrame + options.deadAfter().toNanos() - System.nanoTime();
    if (left > 0) {
      watchLife(left);
    } else {
      close("no frame for " + options.deadAfter().toSeconds() + " s");
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      decoder.decode(bytes, this::take);
    } catch (ProtocolException broken) {
      close("the server broke the protocol: " + broken.getMessage());
    } finally {
      bytes.release();
    }
    if (inbox.isFull()) {
      ctx.channel().config().setAutoRead(false);
      if (!inbox.isFull()) {
        resume(); // emptied between the two
      }
    }
  }

  private void take(Frame frame) {
    lastFrame = System.nanoTime();
    switch (frame) {
      case Frame.RecvPacket packet -> {
        tally.received(packet.payload().length);
        inbox.add(new DerpMessage.Packet(packet.source(), packet.payload()));
      }
      case Frame.PeerGone gone -> inbox.add(new DerpMessage.PeerGone(gone.peer(), gone.reason()));
      case Frame.PeerPresent present ->
          inbox.add(
              new DerpMessage.PeerPresent(
                  present.peer(),
                  Optional.ofNullable(present.address()),
                  present.flags(),
                  present.appName()));
      case Frame.Ping ping -> answer(ping.data());
      case Frame.Pong pong -> {
        Consumer<@Nullable IOException> waiting = pings.remove(pong.data());
        if (waiting != null) {
          waiting.accept(null);
        }
      }
      case Frame.Health health -> {
        owner.health(health.problem());
        inbox.add(new DerpMessage.Health(health.problem()));
      }
      case Frame.Restarting restarting -> restarting(restarting);
      case Frame.KeepAlive alive -> {}
      // What follows is not a server's to send once it has introduced itself.
      case Frame.ServerKey key -> {}
      case Frame.ServerInfo info -> {}
      case Frame.ClientInfo info -> {}
      case Frame.SendPacket packet -> {}
      case Frame.ForwardPacket packet -> {}
      case Frame.NotePreferred note -> {}
      case Frame.WatchConns watch -> {}
      case Frame.ClosePeer close -> {}
      case Frame.Unknown unknown -> {}
    }
  }

  private void answer(long data) {
    if (options.canAckPings()) {
      writeSmall(out -> FrameWriter.writePong(out, data));
    }
  }

  private void restarting(Frame.Restarting restarting) {
    Duration reconnectIn = Duration.ofMillis(restarting.reconnectInMs());
    Duration tryFor = Duration.ofMillis(restarting.tryForMs());
    owner.restarting(reconnectIn, tryFor);
    inbox.add(new DerpMessage.Restarting(reconnectIn, tryFor));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    close(Reason.of(cause));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (over) {
      return;
    }
    over = true;
    String why = reason == null ? "the server closed the connection" : reason;
    reason = why;
    outbox.end(why);
    Map<Long, Consumer<@Nullable IOException>> waiting = new HashMap<>(pings);
    pings.clear();
    waiting.values().forEach(ping -> ping.accept(new IOException("connection lost: " + why)));
    owner.ended(this, why);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    channelInactive(ctx);
  }

  int generation() {
    return generation;
  }

  /// Done when the channel is closed.
  ChannelFuture closed() {
    return link.channel().closeFuture();
  }
}
