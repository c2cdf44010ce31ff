package dev.derp4j.bench.load.traffic;

import dev.derp4j.bench.load.wire.DerpConnection;
import dev.derp4j.bench.load.wire.FrameSink;
import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits until every pair's packets get through.
///
/// Between two meshed servers a receiver is reachable only once its server has told the other one
/// of it. Each sender sends a probe every 100 ms until its receiver has seen one; probes that are
/// still under way when the traffic begins are not counted there.
public final class PathCheck {
  private static final long INTERVAL_MILLIS = 100;

  private PathCheck() {}

  /// Returns how many of the pairs have no way yet when the time is over; 0 as soon as all have.
  public static int await(
      List<DerpConnection> senders, List<DerpConnection> receivers, int patienceSeconds)
      throws InterruptedException {
    List<Waiting> waiting = new ArrayList<>();
    for (int i = 0; i < senders.size(); i++) {
      Waiting one = new Waiting(senders.get(i), receivers.get(i).key());
      receivers.get(i).listen(one);
      waiting.add(one);
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
    do {
      waiting.removeIf(one -> one.arrived.getCount() == 0);
      if (waiting.isEmpty()) {
        return 0;
      }
      waiting.forEach(Waiting::probe);
      waiting.getLast().arrived.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    } while (System.nanoTime() - deadline < 0);
    return waiting.size();
  }

  /// A pair's receiver, as long as nothing has come.
  private static final class Waiting implements FrameSink {
    private final DerpConnection sender;
    private final NodePublicKey destination;
    private final CountDownLatch arrived = new CountDownLatch(1);

    Waiting(DerpConnection sender, NodePublicKey destination) {
      this.sender = sender;
      this.destination = destination;
    }

    void probe() {
      sender
          .loop()
          .execute(
              () -> {
                int length = NodePublicKey.LENGTH + PacketStamp.LENGTH;
                ByteBuf frame = sender.buffer(5 + length);
                frame.writeByte(FrameType.SEND_PACKET.code()).writeInt(length);
                destination.write(frame);
                PacketStamp.write(
                    frame.writeZero(PacketStamp.LENGTH),
                    frame.writerIndex() - PacketStamp.LENGTH,
                    PacketStamp.PROBE,
                    0,
                    0);
                sender.send(frame);
              });
    }

    @Override
    public void packet(ByteBuf bytes, int index, int length) {
      if (PacketStamp.isProbe(bytes, index, length)) {
        arrived.countDown();
      }
    }
  }
}
