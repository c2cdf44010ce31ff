package dev.derp4j.mesh;

import dev.derp4j.codec.FrameWriter;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.Forwarder;
import dev.derp4j.session.Outlet;
import dev.derp4j.session.QueueMemory;
import dev.derp4j.session.RelayFrames;
import dev.derp4j.session.RelayLoop;
import dev.derp4j.session.RelayServices;
import dev.derp4j.session.SendQueue;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/// One mesh connection as packets see it: in at [#forward], out as ForwardPacket frames.
///
/// Written like a client's connection: while the channel takes it, a run goes out at once, and all
/// that one read burst brought is flushed together; else it waits, copied, in a queue of a bounded
/// number of packets and bytes, the oldest dropped first. When for the write timeout the kernel
/// takes not one byte, the connection is closed: what waits longer than that is of no use to
/// anybody.
///
/// Owned by the connection's event loop, except [#forward].
final class MeshLink implements Forwarder, Outlet {
  /// Packets a lane. The connection carries what all clients of the node send to all clients of the
  /// other, so this is more than one client's queue has.
  static final int QUEUE_DEPTH = 2048;

  /// Some milliseconds of a fast line.
  static final long QUEUE_BYTES = 2 << 20;

  /// What is told when the link is no more, once.
  interface Owner {
    void ended(MeshLink link, String why);
  }

  private final RelayServices services;
  private final RelayLoop loop;
  private final Channel channel;
  private final NeighbourCounts counts;
  private final MeshTiming timing;
  private final Owner owner;
  private final SendQueue queue = new SendQueue(QUEUE_DEPTH, new QueueMemory(QUEUE_BYTES));

  private boolean closed;
  private boolean dirty;
  private boolean unflushed;

  MeshLink(
      RelayServices services,
      RelayLoop loop,
      Channel channel,
      NeighbourCounts counts,
      MeshTiming timing,
      Owner owner) {
    this.services = services;
    this.loop = loop;
    this.channel = channel;
    this.counts = counts;
    this.timing = timing;
    this.owner = owner;
  }

  /// Asks the neighbour for its region's presence.
  void watch() {
    ByteBuf frame = channel.alloc().directBuffer(RelayFrames.HEADER);
    FrameWriter.writeWatchConns(frame);
    write(frame);
  }

  void pong(long data) {
    ByteBuf frame = channel.alloc().directBuffer(RelayFrames.HEADER + Long.BYTES);
    FrameWriter.writePong(frame, data);
    write(frame);
  }

  @Override
  public void forward(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco) {
    if (loop.isCurrent()) {
      accept(source, destination, run, packets, disco);
    } else {
      loop.handOver(this, source, destination, run, packets, disco);
    }
  }

  @Override
  public void accept(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco) {
    try {
      if (closed) {
        dropAll(source, destination, run, packets, disco);
      } else if (queue.isEmpty() && isWritable()) {
        writePackets(destination, run, packets);
      } else {
        enqueue(source, destination, run, packets, disco);
      }
    } catch (RuntimeException | OutOfMemoryError fault) {
      failed(fault);
    }
  }

  private void enqueue(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco) {
    ByteBuf copy;
    try {
      copy = channel.alloc().directBuffer(run.readableBytes()).writeBytes(run);
    } finally {
      run.release();
    }
    queue.add(
        new SendQueue.Run(source, destination, copy, packets, disco, loop.nanoTime()),
        this::countQueueFull);
  }

  private void countQueueFull(
      PacketKind kind, NodePublicKey source, NodePublicKey destination, int bytes) {
    counts.queueFull.increment();
    services.dropped(DropReason.QUEUE_HEAD, kind, source, destination, bytes);
  }

  private void countDisconnected(
      PacketKind kind, NodePublicKey source, NodePublicKey destination, int bytes) {
    counts.disconnected.increment();
    services.dropped(DropReason.GONE_DISCONNECTED, kind, source, destination, bytes);
  }

  private void dropAll(
      NodePublicKey source, NodePublicKey destination, ByteBuf run, int packets, boolean disco) {
    PacketKind kind = disco ? PacketKind.DISCO : PacketKind.OTHER;
    int index = run.readerIndex();
    for (int i = 0; i < packets; i++) {
      int frame = RelayFrames.frameLength(run, index);
      countDisconnected(kind, source, destination, frame - RelayFrames.PACKET_HEAD);
      index += frame;
    }
    run.release();
  }

  /// Whether more can be written now; flushes first if that may help.
  private boolean isWritable() {
    if (!channel.isWritable() && unflushed) {
      flush();
    }
    return channel.isWritable();
  }

  /// Takes over the reference to `run`.
  private void writePackets(NodePublicKey destination, ByteBuf run, int packets) {
    int bytes = run.readableBytes();
    ByteBuf frames;
    try {
      frames = channel.alloc().directBuffer(bytes + packets * RelayFrames.KEY);
      int index = run.readerIndex();
      for (int i = 0; i < packets; i++) {
        RelayFrames.recvToForward(run, index, destination, frames);
        index += RelayFrames.frameLength(run, index);
      }
    } finally {
      run.release();
    }
    counts.packetsOut.add(packets);
    counts.bytesOut.add(bytes - (long) packets * RelayFrames.PACKET_HEAD);
    write(frames);
  }

  private void write(ByteBuf frames) {
    channel.write(frames, channel.voidPromise());
    unflushed = true;
    if (!dirty) {
      dirty = true;
      loop.flushLater(this);
    }
  }

  /// The channel takes more again: writes what waits.
  void writabilityChanged() {
    while (!closed && isWritable()) {
      SendQueue.Run run = queue.poll();
      if (run == null) {
        return;
      }
      writePackets(run.destination(), run.frames(), run.packets());
    }
  }

  @Override
  public void flush() {
    dirty = false;
    if (!unflushed) {
      return;
    }
    unflushed = false;
    channel.flush();
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    if (pending != null && pending.totalPendingWriteBytes() > 0) {
      loop.watchForStall(this);
    }
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public long writeTimeoutNanos() {
    return timing.writeTimeout().toNanos();
  }

  @Override
  public void writeTimedOut() {
    if (end("write timeout: nothing taken for " + timing.writeTimeout().toSeconds() + " s")) {
      // Not through the pipeline: TLS would wait to say goodbye to somebody who does not listen.
      channel.unsafe().close(channel.voidPromise());
    }
  }

  @Override
  public void failed(Throwable cause) {
    close(MeshLog.reason(cause));
  }

  /// Whether the connection has ended, if only from this side.
  boolean isClosed() {
    return closed;
  }

  /// Ends the connection. Idempotent.
  void close(String why) {
    if (end(why)) {
      channel.close();
    }
  }

  private boolean end(String why) {
    if (closed) {
      return false;
    }
    closed = true;
    loop.forget(this);
    queue.clear(this::countDisconnected);
    owner.ended(this, why);
    return true;
  }
}
