package dev.derp4j.bench.load.traffic;

import dev.derp4j.bench.load.wire.DerpConnection;
import dev.derp4j.bench.load.wire.FrameSink;
import io.netty.buffer.ByteBuf;
import java.util.SplittableRandom;

/// One client that sends and one that receives, both on the same loop, with the account between
/// them.
final class Pair implements FrameSink {
  private final PacketWriter writer;
  private final Lanes lanes = new Lanes();
  private final LoopRecorder recorder;
  private Runnable afterRead = () -> {};
  private long arrivals;
  private boolean reading;
  private long readAt;

  Pair(
      DerpConnection sender,
      DerpConnection receiver,
      PacketShape shape,
      LoopRecorder recorder,
      SplittableRandom random) {
    this.writer = new PacketWriter(sender, receiver.key(), shape, lanes, random);
    this.recorder = recorder;
    receiver.listen(this);
  }

  /// Has `action` run whenever the receiver has taken in what one read brought.
  void afterRead(Runnable action) {
    afterRead = action;
  }

  PacketWriter writer() {
    return writer;
  }

  Lanes lanes() {
    return lanes;
  }

  /// Packets that have arrived since the pair was made.
  long arrivals() {
    return arrivals;
  }

  @Override
  public void packet(ByteBuf bytes, int index, int length) {
    if (PacketStamp.isProbe(bytes, index, length)) {
      return;
    }
    if (!PacketStamp.isOurs(bytes, index, length)) {
      recorder.foreign();
      return;
    }
    if (!reading) {
      // One look at the clock serves all packets of a read.
      reading = true;
      readAt = System.nanoTime();
    }
    arrivals++;
    long sequence = PacketStamp.sequence(bytes, index);
    SequenceTally tally = lanes.lane(PacketStamp.isDisco(bytes, index));
    tally.arrived(sequence);
    recorder.relayed(length);
    if (tally.isCounted(sequence)) {
      recorder.delayed(readAt - PacketStamp.due(bytes, index));
    }
  }

  @Override
  public void readComplete() {
    reading = false;
    afterRead.run();
  }
}
