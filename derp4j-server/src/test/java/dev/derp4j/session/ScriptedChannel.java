package dev.derp4j.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/// A connection whose network the test plays: it decides which bytes arrive in which reads, and how
/// many bytes the kernel takes before it says that it is full.
///
/// Runs on any event loop. Everything but the constructor belongs to that loop.
final class ScriptedChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final InetSocketAddress remote;
  private final ByteBuf taken = Unpooled.buffer();
  private final List<ByteBuf> arrived = new ArrayList<>();
  private long room = Long.MAX_VALUE;
  private int systemCalls;
  private IOException broken;
  private boolean open = true;

  ScriptedChannel(ByteBufAllocator allocator, InetSocketAddress remote) {
    super(null);
    this.remote = remote;
    config.setAllocator(allocator);
    config.setWriteBufferWaterMark(new WriteBufferWaterMark(16 * 1024, 64 * 1024));
  }

  /// Lets bytes arrive, all in one read.
  ///
  /// The buffer is watched here and not by Netty's leak detector, which takes a stack trace for
  /// every byte that is looked at.
  void arrive(byte[] bytes) {
    ByteBuf in = new UnpooledHeapByteBuf(alloc(), bytes.length, Integer.MAX_VALUE);
    in.writeBytes(bytes);
    arrived.removeIf(before -> before.refCnt() == 0);
    arrived.add(in);
    pipeline().fireChannelRead(in);
    pipeline().fireChannelReadComplete();
  }

  /// How many of the buffers that arrived are not given back yet.
  long arrivedInUse() {
    return arrived.stream().filter(buffer -> buffer.refCnt() > 0).count();
  }

  /// The kernel takes this many bytes more, at once if something waits.
  void makeRoom(long bytes) {
    room = room > Long.MAX_VALUE - bytes ? Long.MAX_VALUE : room + bytes;
    unsafe().flush();
  }

  /// The kernel takes nothing from now on.
  void fill() {
    room = 0;
  }

  /// Every further write fails.
  void breakWrites(IOException failure) {
    broken = failure;
  }

  /// The other side closes.
  void hangUp() {
    unsafe().close(unsafe().voidPromise());
  }

  /// All bytes that the kernel has taken since this was last asked.
  byte[] taken() {
    byte[] bytes = new byte[taken.readableBytes()];
    taken.readBytes(bytes);
    taken.discardReadBytes();
    return bytes;
  }

  /// How often the kernel was asked to take something since this was last asked.
  int systemCalls() {
    int calls = systemCalls;
    systemCalls = 0;
    return calls;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws Exception {
    systemCalls++;
    while (in.current() instanceof ByteBuf head) {
      if (broken != null) {
        throw broken;
      }
      int step = (int) Math.min(room, head.readableBytes());
      if (step == 0 && head.isReadable()) {
        return;
      }
      taken.writeBytes(head, head.readerIndex(), step);
      room -= step;
      in.removeBytes(step);
    }
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("connected from the start"));
      }
    };
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return new InetSocketAddress("127.0.0.1", 443);
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  protected void doClose() {
    open = false;
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBind(SocketAddress address) {}

  @Override
  protected void doBeginRead() {}
}
