package dev.derp4j.client.dial;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.frame.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A consumer of a link that collects the frames which come.
final class Collector extends ChannelInboundHandlerAdapter {
  final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
  final CompletableFuture<Void> ended = new CompletableFuture<>();

  private final FrameDecoder decoder = FrameDecoder.forServerFrames();

  static Collector of(DerpLink link) throws Exception {
    Collector collector = new Collector();
    link.channel().eventLoop().submit(() -> link.handOver("collector", collector)).sync();
    return collector;
  }

  Frame next() throws InterruptedException {
    Frame frame = frames.poll(10, TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("no frame within 10 s");
    }
    return frame;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    ByteBuf in = (ByteBuf) message;
    try {
      decoder.decode(in, frames::add);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended.complete(null);
  }
}
