package dev.derp4j.client.dial;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.HandshakeException;
import dev.derp4j.handshake.ServerInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The phase between the upgrade and DERP's own traffic: expects ServerKey, sends ClientInfo,
/// expects ServerInfo and puts a [Gate] in its own place.
///
/// With fast start ClientInfo has been sent already, for a key that the certificate named; the
/// ServerKey that comes must then hold that key, and so it must where the answer to the upgrade
/// named one. Frames of other types before ServerInfo are skipped, each at most 1 MiB.
///
/// Owned by the channel's event loop.
final class HandshakePhase extends ChannelInboundHandlerAdapter {
  /// What the server said of itself, and where its further bytes wait.
  record Introduction(NodePublicKey serverKey, ServerInfo serverInfo, Gate gate) {}

  private final CompletableFuture<Introduction> introduction = new CompletableFuture<>();
  private final FrameDecoder decoder = FrameDecoder.forServerFrames();
  private final DerpIdentity identity;
  private final @Nullable NodePublicKey expected;
  private final boolean introduced;
  private @Nullable NodePublicKey serverKey;
  private @Nullable SharedBox box;

  /// @param expected the key that the server must have, if it is known
  /// @param box the box in which ClientInfo has been sent, if it has
  HandshakePhase(DerpIdentity identity, @Nullable NodePublicKey expected, @Nullable SharedBox box) {
    this.identity = identity;
    this.expected = expected;
    this.introduced = box != null;
    this.box = box;
  }

  CompletableFuture<Introduction> introduction() {
    return introduction;
  }

  /// Appends the ClientInfo frame.
  static void writeClientInfo(ByteBuf out, DerpIdentity identity, SharedBox box) {
    FrameWriter.writeClientInfo(
        out, identity.key().publicKey(), box.sealWithRandomNonce(identity.toClientInfo().toJson()));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (!introduction.isDone()) {
        Frame frame = decoder.next(in);
        if (frame == null) {
          break;
        }
        take(ctx, frame, in);
      }
    } catch (ProtocolException | HandshakeException broken) {
      fail(Reasons.of(broken));
    } finally {
      in.release();
    }
  }

  private void take(ChannelHandlerContext ctx, Frame frame, ByteBuf rest)
      throws HandshakeException {
    SharedBox known = box;
    NodePublicKey server = serverKey;
    if (server == null) {
      greeted(ctx, frame);
    } else if (frame instanceof Frame.ServerInfo info && known != null) {
      byte[] json = known.open(info.nonce(), info.box());
      if (json == null) {
        throw HandshakeException.boxDoesNotOpen(info.box().length);
      }
      finish(ctx, server, ServerInfo.parse(json), rest);
    }
  }

  private void greeted(ChannelHandlerContext ctx, Frame frame) {
    if (!(frame instanceof Frame.ServerKey(NodePublicKey key))) {
      fail("the server did not greet with its key");
    } else if (expected != null && !expected.equals(key)) {
      fail("the server's key is another one than it announced");
    } else {
      serverKey = key;
      if (!introduced) {
        SharedBox made = SharedBox.between(identity.key(), key);
        box = made;
        ByteBuf out = ctx.alloc().buffer();
        writeClientInfo(out, identity, made);
        ctx.writeAndFlush(out, ctx.voidPromise());
      }
    }
  }

  private void finish(
      ChannelHandlerContext ctx, NodePublicKey server, ServerInfo info, ByteBuf rest) {
    Gate gate = new Gate(ctx.pipeline());
    PipelineEnd.remove(ctx.pipeline());
    ctx.pipeline().replace(this, Gate.NAME, gate);
    if (rest.isReadable()) {
      gate.keep(rest.readRetainedSlice(rest.readableBytes()));
    }
    introduction.complete(new Introduction(server, info, gate));
  }

  private void fail(String reason) {
    introduction.completeExceptionally(new StepFailure(reason));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(
        serverKey == null
            ? "the server closed the connection instead of greeting"
            : "the server closed the connection instead of admitting this client");
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    introduction.completeExceptionally(cause);
  }
}
