package dev.derp4j.session;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.PacketKind;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The packets that wait for a connection which is not writable: two lanes, disco and the rest,
/// each a bounded number of packets, the oldest dropped first.
///
/// A lane holds runs: buffers of complete RecvPacket frames from one source. Dropping the oldest
/// packet moves the first run's reader index behind its first frame. Runs own their memory (they
/// were copied out of the read buffer), so what a stuck receiver holds is what it is charged for.
/// Owned by the connection's event loop.
public final class SendQueue {
  /// Hears of every packet that is dropped to make room.
  public interface DropListener {
    /// A packet of `payloadBytes` will not be delivered.
    void dropped(
        PacketKind kind, NodePublicKey source, NodePublicKey destination, int payloadBytes);
  }

  /// Some packets from one source to one destination, oldest first, as RecvPacket frames.
  public static final class Run {
    private final NodePublicKey source;
    private final NodePublicKey destination;
    private final ByteBuf frames;
    private final boolean disco;
    private final long enqueuedNanos;

    /// What the whole run is charged, until the last packet of it has gone: dropping a packet gives
    /// back no memory.
    private final int bytes;

    private int packets;
    private @Nullable Run next;

    /// @param enqueuedNanos when it began to wait, by the loop's clock
    public Run(
        NodePublicKey source,
        NodePublicKey destination,
        ByteBuf frames,
        int packets,
        boolean disco,
        long enqueuedNanos) {
      this.source = source;
      this.destination = destination;
      this.frames = frames;
      this.packets = packets;
      this.disco = disco;
      this.enqueuedNanos = enqueuedNanos;
      this.bytes = frames.readableBytes();
    }

    /// Who sent the packets.
    public NodePublicKey source() {
      return source;
    }

    /// Whom they are for.
    public NodePublicKey destination() {
      return destination;
    }

    /// The frames that are left.
    public ByteBuf frames() {
      return frames;
    }

    /// How many there are.
    public int packets() {
      return packets;
    }

    /// Whether they are disco packets.
    public boolean disco() {
      return disco;
    }

    long enqueuedNanos() {
      return enqueuedNanos;
    }
  }

  private static final class Lane {
    final PacketKind kind;
    @Nullable Run first;
    @Nullable Run last;
    int packets;

    Lane(PacketKind kind) {
      this.kind = kind;
    }
  }

  private final int depth;
  private final QueueMemory memory;
  private final Lane disco = new Lane(PacketKind.DISCO);
  private final Lane other = new Lane(PacketKind.OTHER);

  /// @param depth packets per lane, at least 1
  /// @param memory what the bytes of the queue are charged to
  public SendQueue(int depth, QueueMemory memory) {
    this.depth = depth;
    this.memory = memory;
  }

  /// Whether nothing waits.
  public boolean isEmpty() {
    return disco.first == null && other.first == null;
  }

  /// Adds a run, taking over its reference; drops the lane's oldest packets beyond its depth. When
  /// the memory of all queues is used up, this queue gives up its own oldest packets, and the new
  /// run itself if that does not suffice.
  public void add(Run run, DropListener listener) {
    Lane lane = run.disco ? disco : other;
    while (!memory.reserve(run.bytes)) {
      if (!dropOldest(other, listener) && !dropOldest(disco, listener)) {
        discard(lane.kind, run, listener);
        return;
      }
    }
    append(lane, run);
    while (lane.packets > depth) {
      dropOldest(lane, listener);
    }
  }

  private static void append(Lane lane, Run run) {
    if (lane.last == null) {
      lane.first = run;
    } else {
      lane.last.next = run;
    }
    lane.last = run;
    lane.packets += run.packets;
  }

  private boolean dropOldest(Lane lane, DropListener listener) {
    Run run = lane.first;
    if (run == null) {
      return false;
    }
    int frame = RelayFrames.frameLength(run.frames, run.frames.readerIndex());
    listener.dropped(lane.kind, run.source, run.destination, frame - RelayFrames.PACKET_HEAD);
    run.frames.skipBytes(frame);
    run.packets--;
    lane.packets--;
    if (run.packets == 0) {
      unlinkFirst(lane, run);
      memory.release(run.bytes);
      run.frames.release();
    }
    return true;
  }

  private static void discard(PacketKind kind, Run run, DropListener listener) {
    ByteBuf frames = run.frames;
    while (frames.isReadable()) {
      int frame = RelayFrames.frameLength(frames, frames.readerIndex());
      listener.dropped(kind, run.source, run.destination, frame - RelayFrames.PACKET_HEAD);
      frames.skipBytes(frame);
    }
    frames.release();
  }

  private static void unlinkFirst(Lane lane, Run run) {
    lane.first = run.next;
    if (lane.first == null) {
      lane.last = null;
    }
    run.next = null;
  }

  /// The next run to write, or null. Where both lanes hold packets, one is picked at random, so
  /// that neither starves the other. The caller takes over the reference.
  public @Nullable Run poll() {
    Lane lane;
    if (disco.first == null) {
      lane = other;
    } else if (other.first == null) {
      lane = disco;
    } else {
      lane = ThreadLocalRandom.current().nextBoolean() ? disco : other;
    }
    Run run = lane.first;
    if (run != null) {
      unlinkFirst(lane, run);
      lane.packets -= run.packets;
      memory.release(run.bytes);
    }
    return run;
  }

  /// Empties both lanes, telling of every packet.
  public void clear(DropListener listener) {
    boolean dropped = true;
    while (dropped) {
      dropped = dropOldest(disco, listener) || dropOldest(other, listener);
    }
  }
}
