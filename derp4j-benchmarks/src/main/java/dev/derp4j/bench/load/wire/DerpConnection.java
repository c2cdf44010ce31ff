package dev.derp4j.bench.load.wire;

import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.EOFException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// A client that is past its handshake: sends ready-made bytes, shows what arrives to its sink.
///
/// Answers pings, as real clients do, and counts the frames that a load run asks about. Owned by
/// its event loop: only [#close] and [#loop] may be called from elsewhere.
public final class DerpConnection extends ChannelInboundHandlerAdapter
    implements FrameScanner.Visitor {
  private static final int KEY = NodePublicKey.LENGTH;

  private final NodePublicKey key;
  private final Channel channel;
  private final AtomicInteger lost;
  private final CompletableFuture<DerpConnection> opened;
  private final FrameScanner scanner = new FrameScanner();
  private FrameSink sink = FrameSink.NONE;
  private int keepAlives;
  private volatile boolean closing;

  /// @param opened to be completed when the handshake is done or has failed
  /// @param lost counts connections that ended although nobody here closed them
  DerpConnection(
      NodePublicKey key,
      Channel channel,
      CompletableFuture<DerpConnection> opened,
      AtomicInteger lost) {
    this.key = key;
    this.channel = channel;
    this.opened = opened;
    this.lost = lost;
  }

  /// The client's own key, by which others reach it.
  public NodePublicKey key() {
    return key;
  }

  /// The loop that owns this connection.
  public EventLoop loop() {
    return channel.eventLoop();
  }

  /// Sends what arrives from now on to `newSink`.
  public void listen(FrameSink newSink) {
    sink = newSink;
  }

  /// A buffer from the channel's allocator.
  public ByteBuf buffer(int capacity) {
    return channel.alloc().directBuffer(capacity);
  }

  /// Writes and flushes.
  public void send(ByteBuf frames) {
    channel.writeAndFlush(frames, channel.voidPromise());
  }

  /// Whether the send buffer has room; a sender that does not look makes it grow without bound.
  public boolean isWritable() {
    return channel.isWritable();
  }

  /// KeepAlive frames seen so far.
  public int keepAlives() {
    return keepAlives;
  }

  /// Ends the connection as a client does that is done: close_notify, then FIN.
  public CompletableFuture<Void> close() {
    closing = true;
    CompletableFuture<Void> closed = new CompletableFuture<>();
    channel.close().addListener(future -> closed.complete(null));
    return closed;
  }

  /// Closes them all and waits until they are.
  public static void closeAll(Collection<DerpConnection> connections) {
    CompletableFuture.allOf(
            connections.stream().map(DerpConnection::close).toArray(CompletableFuture[]::new))
        .join();
  }

  /// The handshake is done.
  void shakenHands() {
    opened.complete(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      scanner.scan(in, this);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    sink.readComplete();
  }

  @Override
  public void frame(int type, int length, ByteBuf bytes, int index) {
    if (type == FrameType.RECV_PACKET.code()) {
      sink.packet(bytes, index + KEY, length - KEY);
    } else if (type == FrameType.KEEP_ALIVE.code()) {
      keepAlives++;
    } else if (type == FrameType.PING.code() && length >= Long.BYTES) {
      ByteBuf pong = buffer(5 + Long.BYTES);
      pong.writeByte(FrameType.PONG.code()).writeInt(Long.BYTES).writeLong(bytes.getLong(index));
      send(pong);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    boolean wasOpen = opened.isDone() && !opened.isCompletedExceptionally();
    if (wasOpen && !closing) {
      lost.incrementAndGet();
    }
    opened.completeExceptionally(new EOFException("closed before the handshake was done"));
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    opened.completeExceptionally(cause);
    ctx.close();
  }
}
