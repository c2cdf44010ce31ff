package dev.derp4j.session;

import dev.derp4j.admission.Reason;
import dev.derp4j.admission.Verdict;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.frame.FrameType;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.HandshakeException;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The phase between the upgrade and relaying: sends ServerKey, expects ClientInfo, and puts the
/// next phase in its own place: relaying, or an [AdmissionPhase] where somebody has to be asked.
///
/// The client has ten seconds for its ClientInfo, whatever it dribbles meanwhile. The frame's
/// length is judged as soon as its head is there; its bytes are collected in a buffer that grows
/// with them.
///
/// ```
/// ClientInfo   02 | length | client key (32) | nonce (24) | box (16-byte tag + JSON)
/// ```
///
/// Owned by the connection's event loop.
public final class HandshakePhase extends ChannelInboundHandlerAdapter {
  /// How long a client has for its ClientInfo.
  public static final Duration DEADLINE = Duration.ofSeconds(10);

  private static final int KEY = NodePublicKey.LENGTH;
  private static final int NONCE_END = KEY + SharedBox.NONCE_LENGTH;
  private static final Verdict.Admitted WELCOME = new Verdict.Admitted(Reason.NO_OBJECTION);

  private final RelayServices services;
  private final RelayLoop loop;
  private final Secrets secrets;
  private final InetSocketAddress remote;
  private final boolean notIdeal;
  private final byte[] upgradeResponse;
  private final Duration limit;
  private @Nullable ByteBuf collected;
  private @Nullable ScheduledFuture<?> deadline;
  private boolean ended;

  /// What the relay proves itself with, and what mesh peers prove themselves with.
  ///
  /// @param privateKey the relay's own
  /// @param meshKeys those of the region
  public record Secrets(NodePrivateKey privateKey, MeshKeyRing meshKeys) {}

  /// @param remote the client's address
  /// @param notIdeal whether the client said it would rather be on another node
  /// @param upgradeResponse the HTTP response that precedes the first frame; empty with fast start
  public HandshakePhase(
      RelayServices services,
      RelayLoop loop,
      Secrets secrets,
      InetSocketAddress remote,
      boolean notIdeal,
      byte[] upgradeResponse) {
    this(services, loop, secrets, remote, notIdeal, upgradeResponse, DEADLINE);
  }

  /// As above, with another limit than [#DEADLINE].
  public HandshakePhase(
      RelayServices services,
      RelayLoop loop,
      Secrets secrets,
      InetSocketAddress remote,
      boolean notIdeal,
      byte[] upgradeResponse,
      Duration limit) {
    this.services = services;
    this.loop = loop;
    this.secrets = secrets;
    this.remote = remote;
    this.notIdeal = notIdeal;
    this.upgradeResponse = upgradeResponse;
    this.limit = limit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    services.metrics().increment(Metric.DERP_ACCEPTS);
    if (upgradeResponse.length > 0) {
      ctx.write(Unpooled.wrappedBuffer(upgradeResponse), ctx.voidPromise());
    }
    ByteBuf key = ctx.alloc().directBuffer(64);
    FrameWriter.writeServerKey(key, services.ownKey());
    ctx.writeAndFlush(key, ctx.voidPromise());
    deadline =
        ctx.executor().schedule(() -> deadlineOver(ctx), limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void deadlineOver(ChannelHandlerContext ctx) {
    reject(ctx, CloseReason.HANDSHAKE_TIMEOUT, "receive client key: timeout");
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (ended) {
      in.release();
      return;
    }
    if (collected == null) {
      collected = in;
    } else {
      collected = appended(ctx, collected, in);
    }
    try {
      proceed(ctx, collected);
    } catch (SessionFault fault) {
      reject(ctx, fault.reason(), "receive client key: " + fault.getMessage());
    }
  }

  /// Both buffers in one. Takes over both references.
  static ByteBuf appended(ChannelHandlerContext ctx, ByteBuf head, ByteBuf in) {
    try {
      if (head.isReadOnly() || head.refCnt() > 1 || head.maxWritableBytes() < in.readableBytes()) {
        try {
          ByteBuf copy = ctx.alloc().directBuffer(head.readableBytes() + in.readableBytes());
          return copy.writeBytes(head).writeBytes(in);
        } finally {
          head.release();
        }
      }
      return head.writeBytes(in);
    } finally {
      in.release();
    }
  }

  private void proceed(ChannelHandlerContext ctx, ByteBuf in) throws SessionFault {
    if (!in.isReadable(RelayFrames.HEADER)) {
      return;
    }
    int start = in.readerIndex();
    int type = in.getUnsignedByte(start);
    if (type != FrameType.CLIENT_INFO.code()) {
      throw new SessionFault(
          CloseReason.CLIENT_INFO_INVALID, "expected ClientInfo frame, got type " + type);
    }
    long length = in.getUnsignedInt(start + 1);
    if (!FrameType.CLIENT_INFO.allowsLength(length)) {
      throw new SessionFault(CloseReason.CLIENT_INFO_INVALID, "ClientInfo of " + length + " bytes");
    }
    int end = start + RelayFrames.HEADER + (int) length;
    if (in.writerIndex() < end) {
      return;
    }
    byte[] body = new byte[(int) length];
    in.getBytes(start + RelayFrames.HEADER, body);
    in.readerIndex(end);
    relay(ctx, body, in);
  }

  private void relay(ChannelHandlerContext ctx, byte[] body, ByteBuf rest) throws SessionFault {
    NodePublicKey key = NodePublicKey.of(Arrays.copyOf(body, KEY));
    if (key.isZero()) {
      throw new SessionFault(CloseReason.CLIENT_INFO_INVALID, "client key is zero");
    }
    SharedBox box = SharedBox.between(secrets.privateKey(), key);
    byte[] json =
        box.open(
            Arrays.copyOfRange(body, KEY, NONCE_END),
            Arrays.copyOfRange(body, NONCE_END, body.length));
    if (json == null) {
      throw new SessionFault(
          CloseReason.CLIENT_INFO_UNDECRYPTABLE, "box of " + key.shortText() + " does not open");
    }
    ClientInfo info;
    try {
      info = ClientInfo.parse(json);
    } catch (HandshakeException invalid) {
      throw new SessionFault(CloseReason.CLIENT_INFO_INVALID, String.valueOf(invalid.getMessage()));
    }
    RelaySession.Identity identity = identity(key, info);
    Verdict verdict = verdictOn(identity);
    finish();
    if (verdict instanceof Verdict.Rejected rejected) {
      services.log().rejected(remote, key, rejected.why());
      ctx.close();
      return;
    }
    collected = null;
    RelayEntry entry = new RelayEntry(services, loop, remote, identity, box);
    if (verdict instanceof Verdict.Admitted admitted) {
      entry.enter(ctx, this, admitted, rest);
    } else {
      ctx.pipeline().replace(this, "admission", new AdmissionPhase(entry, rest));
    }
  }

  /// Mesh peers skip all admission.
  ///
  /// @return null where somebody has to be asked
  private @Nullable Verdict verdictOn(RelaySession.Identity identity) {
    return identity.meshPeer() || services.admission().isOpen()
        ? WELCOME
        : services.admission().judge(identity.newcomer(remote));
  }

  private RelaySession.Identity identity(NodePublicKey key, ClientInfo info) {
    boolean mesh = info.meshKey().isPresent() && secrets.meshKeys().accepts(info.meshKey().get());
    return new RelaySession.Identity(key, mesh, info.isProber(), notIdeal, info.appName());
  }

  private void finish() {
    ended = true;
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  private void reject(ChannelHandlerContext ctx, CloseReason reason, String why) {
    if (!ended) {
      finish();
      services.log().closed(reason, remote, why);
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!ended) {
      finish();
      services.metrics().closed(CloseReason.CLOSED_BY_PEER);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    finish();
    if (collected != null) {
      collected.release();
      collected = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!ended) {
      finish();
      services.log().failed(remote, cause);
      ctx.close();
    }
  }
}
