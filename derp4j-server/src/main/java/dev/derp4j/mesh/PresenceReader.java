package dev.derp4j.mesh;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.frame.PeerGoneReason;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.routing.Registry;
import dev.derp4j.session.RelayLoop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;

/// The reading side of a mesh connection: who is at the neighbour, told to the registry in batches.
///
/// What comes is what a server sends its clients. Pings are answered; frames that mean nothing to a
/// node of the mesh only show that the neighbour is alive. Owned by the connection's event loop.
final class PresenceReader extends ChannelInboundHandlerAdapter {
  private static final int BATCH = 512;

  /// What the reader tells of.
  interface Listener {
    /// Keys came and went, by these numbers.
    void changed(int keysMore);

    /// The neighbour says that it has not the key that a packet was for.
    void notHere(NodePublicKey key);

    /// The neighbour is about to go down.
    void restarting();
  }

  private final Registry registry;
  private final RelayLoop loop;
  private final MeshLink link;
  private final Listener listener;
  private final FrameDecoder decoder = FrameDecoder.forServerFrames();
  private final List<NodePublicKey> batch = new ArrayList<>();
  private boolean batchPresent;
  private long heardNanos;

  PresenceReader(Registry registry, RelayLoop loop, MeshLink link, Listener listener) {
    this.registry = registry;
    this.loop = loop;
    this.link = link;
    this.listener = listener;
    this.heardNanos = loop.nanoTime();
  }

  /// When something came last, by the loop's clock.
  long heardNanos() {
    return heardNanos;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    heardNanos = loop.nanoTime();
    try {
      decoder.decode(in, this::frame);
      tell();
    } catch (ProtocolException broken) {
      tell();
      link.close(String.valueOf(broken.getMessage()));
    } finally {
      in.release();
    }
  }

  private void frame(Frame frame) {
    switch (frame) {
      case Frame.PeerPresent present -> note(present.peer(), true);
      case Frame.PeerGone gone -> {
        if (gone.reason() == PeerGoneReason.NOT_HERE) {
          listener.notHere(gone.peer());
        }
        note(gone.peer(), false);
      }
      case Frame.Ping ping -> link.pong(ping.data());
      case Frame.Restarting _ -> listener.restarting();
      default -> {
        // KeepAlive, Health, packets for our own key, and what future versions send.
      }
    }
  }

  private void note(NodePublicKey key, boolean present) {
    if (batch.size() == BATCH || (batchPresent != present && !batch.isEmpty())) {
      tell();
    }
    batchPresent = present;
    batch.add(key);
  }

  /// A connection that has ended may still bring what was under way when it did. Nothing of that is
  /// learnt: its keys are being forgotten, and nobody would forget these.
  private void tell() {
    if (batch.isEmpty() || link.isClosed()) {
      batch.clear();
      return;
    }
    int more =
        batchPresent ? registry.addForwarder(batch, link) : -registry.removeForwarder(batch, link);
    batch.clear();
    listener.changed(more);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    link.writabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    link.close("connection closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    link.failed(cause);
  }
}
