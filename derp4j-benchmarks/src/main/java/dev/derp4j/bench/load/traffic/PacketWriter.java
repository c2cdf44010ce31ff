package dev.derp4j.bench.load.traffic;

import dev.derp4j.bench.load.wire.DerpConnection;
import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.util.SplittableRandom;

/// The sending end of a pair: makes SendPacket frames for one destination and writes them.
///
/// Every frame is a copy of one prepared template with length and stamp set anew. Owned by the
/// sender's loop.
final class PacketWriter {
  private static final int HEADER = 5;
  private static final int OVERHEAD = HEADER + NodePublicKey.LENGTH;
  private static final int LARGEST_WRITE = 64 * 1024;

  private final DerpConnection sender;
  private final PacketShape shape;
  private final Lanes lanes;
  private final SplittableRandom random;
  private final byte[] template;

  PacketWriter(
      DerpConnection sender,
      NodePublicKey destination,
      PacketShape shape,
      Lanes lanes,
      SplittableRandom random) {
    this.sender = sender;
    this.shape = shape;
    this.lanes = lanes;
    this.random = random;
    this.template = new byte[OVERHEAD + shape.largest()];
    random.nextBytes(template);
    template[0] = (byte) FrameType.SEND_PACKET.code();
    System.arraycopy(destination.toBytes(), 0, template, HEADER, NodePublicKey.LENGTH);
  }

  /// Sends packets whatever the state of the send buffer. For senders that bound what is in flight.
  void send(int count, long due) {
    if (!shape.coalesced()) {
      for (int i = 0; i < count; i++) {
        ByteBuf one = sender.buffer(template.length);
        append(one, due);
        sender.send(one);
      }
      return;
    }
    for (int left = count; left > 0; ) {
      int fits = Math.clamp(LARGEST_WRITE / template.length, 1, left);
      ByteBuf several = sender.buffer(fits * template.length);
      for (int i = 0; i < fits; i++) {
        append(several, due);
      }
      sender.send(several);
      left -= fits;
    }
  }

  /// Sends packets as long as the send buffer has room, and gives the number of those that found
  /// none.
  int offer(int count, long due) {
    int step = shape.coalesced() ? Math.max(1, LARGEST_WRITE / template.length) : 1;
    for (int left = count; left > 0; left -= Math.min(step, left)) {
      if (!sender.isWritable()) {
        return left;
      }
      send(Math.min(step, left), due);
    }
    return 0;
  }

  private void append(ByteBuf out, long due) {
    boolean disco = shape.discoShare() > 0 && random.nextDouble() < shape.discoShare();
    int size = shape.sizes().next(random);
    if (disco) {
      size = Math.max(size, PacketStamp.DISCO_LENGTH);
    }
    int start = out.writerIndex();
    out.writeBytes(template, 0, OVERHEAD + size);
    out.setInt(start + 1, NodePublicKey.LENGTH + size);
    PacketStamp.write(
        out,
        start + OVERHEAD,
        disco ? PacketStamp.DISCO : PacketStamp.DATA,
        lanes.lane(disco).send(),
        due);
  }
}
