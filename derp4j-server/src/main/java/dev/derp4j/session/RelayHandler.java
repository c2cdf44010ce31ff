package dev.derp4j.session;

import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.DropReason;
import dev.derp4j.metrics.PacketKind;
import dev.derp4j.routing.Forwarder;
import dev.derp4j.routing.LocalPeer;
import dev.derp4j.routing.PeerEntry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

import static dev.derp4j.session.RelayFrames.FORWARD_HEAD;
import static dev.derp4j.session.RelayFrames.FORWARD_PACKET;
import static dev.derp4j.session.RelayFrames.HEADER;
import static dev.derp4j.session.RelayFrames.KEY;
import static dev.derp4j.session.RelayFrames.MAX_PACKET;
import static dev.derp4j.session.RelayFrames.PACKET_HEAD;
import static dev.derp4j.session.RelayFrames.SEND_PACKET;

/// The reading side of a relaying connection: splits bytes into frames and passes packets on.
///
/// Packets are relayed where they lie. Consecutive SendPacket frames for one destination form a
/// run; in each frame the type byte and the key are overwritten, and the run travels to its
/// destination as one retained slice of the read buffer. No payload byte is touched.
///
/// A frame that is not complete yet is collected in a buffer that grows as its bytes arrive, so
/// that declaring a length costs the sender as much as it costs us. Frames of unknown types are
/// stepped over without being kept.
///
/// Owned by the connection's event loop.
final class RelayHandler extends ChannelInboundHandlerAdapter {
  private static final int PING = FrameType.PING.code();
  private static final int NOTE_PREFERRED = FrameType.NOTE_PREFERRED.code();
  private static final int WATCH_CONNS = FrameType.WATCH_CONNS.code();
  private static final int CLOSE_PEER = FrameType.CLOSE_PEER.code();

  private final RelaySession session;
  private @Nullable ByteBuf partial;
  private int skip;
  private @Nullable PeerEntry lastDestination;

  RelayHandler(RelaySession session) {
    this.session = session;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      if (!session.isClosing()) {
        read(ctx, in);
      }
    } catch (SessionFault fault) {
      session.fail(fault);
    } finally {
      session.settle();
      in.release();
    }
  }

  private void read(ChannelHandlerContext ctx, ByteBuf in) throws SessionFault {
    if (partial != null && !completePartial(partial, in)) {
      return;
    }
    if (skip > 0) {
      int step = Math.min(skip, in.readableBytes());
      in.skipBytes(step);
      skip -= step;
    }
    frames(in);
    if (in.isReadable()) {
      partial = ctx.alloc().buffer(Math.max(64, in.readableBytes()));
      partial.writeBytes(in);
    }
  }

  /// Adds to the frame that was left incomplete.
  ///
  /// @return whether it is complete now and was handled
  private boolean completePartial(ByteBuf frame, ByteBuf in) throws SessionFault {
    if (frame.readableBytes() < HEADER) {
      frame.writeBytes(in, Math.min(HEADER - frame.readableBytes(), in.readableBytes()));
      if (frame.readableBytes() < HEADER) {
        return false;
      }
    }
    int expected = expectedLength(frame);
    frame.writeBytes(in, Math.min(expected - frame.readableBytes(), in.readableBytes()));
    if (frame.readableBytes() < expected) {
      return false;
    }
    partial = null;
    try {
      frames(frame);
    } finally {
      frame.release();
    }
    return true;
  }

  /// The length of the frame that `frame` starts with; just its header where the type is unknown.
  private int expectedLength(ByteBuf frame) throws SessionFault {
    int type = frame.getUnsignedByte(frame.readerIndex());
    if (!isKnown(type)) {
      return HEADER;
    }
    long length = frame.getUnsignedInt(frame.readerIndex() + 1);
    checkLength(type, length);
    return HEADER + (int) length;
  }

  private static boolean isKnown(int type) {
    return type == SEND_PACKET
        || type == FORWARD_PACKET
        || type == PING
        || type == NOTE_PREFERRED
        || type == WATCH_CONNS
        || type == CLOSE_PEER;
  }

  /// Handles every complete frame of `in` and leaves the reader index at the first incomplete one.
  private void frames(ByteBuf in) throws SessionFault {
    while (in.isReadable(HEADER)) {
      int start = in.readerIndex();
      int type = in.getUnsignedByte(start);
      long length = in.getUnsignedInt(start + 1);
      if (!isKnown(type)) {
        skipUnknown(in, type, length);
        continue;
      }
      if (type != SEND_PACKET || length < KEY || length > KEY + MAX_PACKET) {
        checkLength(type, length);
      }
      if (!in.isReadable(HEADER + (int) length)) {
        return;
      }
      session.heardFrom();
      if (type == SEND_PACKET) {
        in.readerIndex(relayRun(in, start));
      } else {
        in.readerIndex(start + HEADER + (int) length);
        session.charge(length);
        control(in, type, start, (int) length);
      }
      if (session.isClosing()) {
        in.skipBytes(in.readableBytes());
      }
    }
  }

  private void skipUnknown(ByteBuf in, int type, long length) throws SessionFault {
    if (length > FrameLimits.MAX_UNKNOWN) {
      throw SessionFault.malformed(
          "unknown frame type " + type + " too large: " + length + " bytes");
    }
    session.heardFrom();
    session.charge(length);
    in.skipBytes(HEADER);
    int step = Math.min((int) length, in.readableBytes());
    in.skipBytes(step);
    skip = (int) length - step;
  }

  private void checkLength(int type, long length) throws SessionFault {
    FrameType known = FrameType.fromCode(type);
    if (known == null) {
      throw new IllegalStateException("not a type that clients send: " + type);
    }
    if (known == FrameType.FORWARD_PACKET
        || known == FrameType.WATCH_CONNS
        || known == FrameType.CLOSE_PEER) {
      requireMesh();
    }
    if (length < known.minimumLength()) {
      throw SessionFault.malformed(known + " frame too short: " + length + " bytes");
    }
    if (length > known.maximumLength()) {
      throw SessionFault.malformed(known + " frame too large: " + length + " bytes");
    }
  }

  private void requireMesh() throws SessionFault {
    if (!session.isMeshPeer()) {
      throw SessionFault.forbidden();
    }
  }

  private void control(ByteBuf in, int type, int start, int length) {
    int body = start + HEADER;
    if (type == FORWARD_PACKET) {
      relayForwarded(in, start, length);
    } else if (type == PING) {
      session.pong(in.getLong(body));
    } else if (type == NOTE_PREFERRED) {
      session.notePreferred(in.getByte(body) != 0);
    } else if (type == WATCH_CONNS) {
      session.watchPresence();
    } else {
      session.closePeer(NodePublicKey.read(in, body));
    }
  }

  /// Relays the SendPacket frame at `start` with all that follow it for the same destination.
  ///
  /// @return where the run ends
  private int relayRun(ByteBuf in, int start) {
    PeerEntry entry = destination(in, start + HEADER);
    NodePublicKey source = session.key();
    int end = in.writerIndex();
    int length = in.getInt(start + 1);
    boolean disco = RelayFrames.isDisco(in, start + PACKET_HEAD, length - KEY);
    int index = start;
    int packets = 0;
    long word0 = in.getLong(start + HEADER);
    long word1 = in.getLong(start + HEADER + 8);
    long word2 = in.getLong(start + HEADER + 16);
    long word3 = in.getLong(start + HEADER + 24);
    while (true) {
      RelayFrames.sendToRecv(in, index, source);
      index += HEADER + length;
      packets++;
      if (end - index < PACKET_HEAD || in.getByte(index) != SEND_PACKET) {
        break;
      }
      length = in.getInt(index + 1);
      if (length < KEY
          || length > KEY + MAX_PACKET
          || end - index < HEADER + length
          || in.getLong(index + HEADER) != word0
          || in.getLong(index + HEADER + 8) != word1
          || in.getLong(index + HEADER + 16) != word2
          || in.getLong(index + HEADER + 24) != word3
          || RelayFrames.isDisco(in, index + PACKET_HEAD, length - KEY) != disco) {
        break;
      }
    }
    int bytes = index - start;
    session.received(disco, packets, bytes - packets * PACKET_HEAD);
    LocalPeer peer = entry == null ? null : entry.active();
    Forwarder forwarder = peer == null ? forwarder(entry) : null;
    if (peer != null) {
      peer.deliver(source, in.retainedSlice(start, bytes), packets, disco);
    } else if (entry != null && forwarder != null) {
      session.forwardedOut(packets);
      forwarder.forward(source, entry.key(), in.retainedSlice(start, bytes), packets, disco);
    } else {
      NodePublicKey key = NodePublicKey.ofWords(word0, word1, word2, word3);
      undeliverable(entry, key, source, in, start, packets, disco, DropReason.UNKNOWN_DEST);
    }
    return index;
  }

  /// The way to a key that has no connection here. One that has several of which none is active
  /// gets nothing from elsewhere either.
  private static @Nullable Forwarder forwarder(@Nullable PeerEntry entry) {
    return entry == null || entry.connections() > 1 ? null : entry.forwarder();
  }

  private @Nullable PeerEntry destination(ByteBuf in, int index) {
    PeerEntry last = lastDestination;
    if (last != null && !last.isRetired() && last.matches(in, index)) {
      return last;
    }
    lastDestination = session.services().registry().find(in, index);
    return lastDestination;
  }

  private void relayForwarded(ByteBuf in, int start, int length) {
    NodePublicKey source = NodePublicKey.read(in, start + HEADER);
    int destination = start + HEADER + KEY;
    PeerEntry entry = destination(in, destination);
    boolean disco = RelayFrames.isDisco(in, start + FORWARD_HEAD, length - 2 * KEY);
    session.forwardedIn(length - 2 * KEY);
    LocalPeer peer = entry == null ? null : entry.active();
    if (peer == null) {
      NodePublicKey key = NodePublicKey.read(in, destination);
      RelayFrames.forwardToRecv(in, start, source);
      undeliverable(entry, key, source, in, start + KEY, 1, disco, DropReason.UNKNOWN_DEST_ON_FWD);
      return;
    }
    RelayFrames.forwardToRecv(in, start, source);
    peer.deliver(source, in.retainedSlice(start + KEY, HEADER + length - KEY), 1, disco);
  }

  private void undeliverable(
      @Nullable PeerEntry entry,
      NodePublicKey destination,
      NodePublicKey source,
      ByteBuf in,
      int start,
      int packets,
      boolean disco,
      DropReason unknown) {
    boolean noneActive = entry != null && entry.connections() > 1;
    DropReason reason = noneActive ? DropReason.DUP_CLIENT : unknown;
    PacketKind kind = disco ? PacketKind.DISCO : PacketKind.OTHER;
    int index = start;
    for (int i = 0; i < packets; i++) {
      int frame = RelayFrames.frameLength(in, index);
      session.dropped(reason, kind, source, destination, frame - PACKET_HEAD);
      if (disco && !noneActive) {
        session.peerNotHere(destination);
      }
      index += frame;
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    session.writabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    session.closed();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (partial != null) {
      partial.release();
      partial = null;
    }
    session.closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    session.failed(cause);
  }
}
