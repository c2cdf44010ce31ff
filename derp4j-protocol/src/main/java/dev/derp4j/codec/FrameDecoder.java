package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameLimits;
import dev.derp4j.frame.FrameType;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Turns a byte stream, cut anywhere, into frames.
///
/// ```text
/// 06 00 00 | 00 00 12 00 00 00 08 01 02 | 03 04 05 06 07 08      three reads
/// KeepAlive()               Ping(0x0102030405060708)             two frames
/// ```
///
/// Two sides read by different rules, which recorded verdicts of the original hold us to:
///
/// - [#forClientFrames()], what a server reads: a known type outside its length rule is an error,
///   an unknown one (types of the other direction among them) is skipped up to
///   [FrameLimits#MAX_UNKNOWN] bytes and an error above.
/// - [#forServerFrames()], what a client reads: a frame too short for its type is skipped, bytes
///   behind the known ones are ignored, a frame over [FrameLimits#MAX_SERVER_INFO] bytes or a
///   ServerKey over [FrameLimits#MAX_SERVER_KEY] is an error, and so is a ServerKey without its
///   magic.
///
/// What is skipped comes out as [Frame.Unknown] with its first bytes only. The order of frames is
/// not this class's business: a ClientInfo is read wherever it comes, whereas behind the handshake
/// the original skips it like an unknown type. Memory: at most one payload, and never more than
/// twice the bytes that have come.
///
/// Not thread-safe: one decoder belongs to one connection's thread.
public final class FrameDecoder {
  private static final int FIRST_ALLOCATION = 1024;

  private final boolean fromClient;
  private final byte[] header = new byte[FrameLimits.HEADER_LENGTH];
  private int headerBytes;
  /// Set while the payload of a frame is due; `null` then means a type of no use.
  private @Nullable FrameType type;
  private int length;
  private int received;
  private byte[] kept = PayloadReader.NOTHING;
  private @Nullable ProtocolException failure;

  private FrameDecoder(boolean fromClient) {
    this.fromClient = fromClient;
  }

  /// A decoder that reads what clients send, with a server's strictness.
  public static FrameDecoder forClientFrames() {
    return new FrameDecoder(true);
  }

  /// A decoder that reads what a server sends, with a client's patience.
  public static FrameDecoder forServerFrames() {
    return new FrameDecoder(false);
  }

  /// Reads all bytes of `in` and hands every frame that they complete to `frames`, in order.
  ///
  /// The buffer stays the caller's; nothing of it is kept. Frames before a broken one still come
  /// out.
  ///
  /// @throws ProtocolException when the stream breaks a rule, and from then on at every call: what
  ///     follows a broken frame has no meaning
  public void decode(ByteBuf in, Consumer<? super Frame> frames) throws ProtocolException {
    for (Frame frame = next(in); frame != null; frame = next(in)) {
      frames.accept(frame);
    }
  }

  /// Reads up to the end of the next frame and leaves what follows it in `in`, for whoever takes
  /// over the stream there; `null` when all bytes are read and the frame has more to come.
  ///
  /// @throws ProtocolException as for [#decode]
  public @Nullable Frame next(ByteBuf in) throws ProtocolException {
    if (failure != null) {
      throw failure;
    }
    try {
      if (!readHeader(in) || !readPayload(in)) {
        return null;
      }
      headerBytes = 0;
      byte[] payload = kept;
      kept = PayloadReader.NOTHING;
      return frame(payload);
    } catch (ProtocolException broken) {
      failure = broken;
      kept = PayloadReader.NOTHING;
      throw broken;
    }
  }

  /// Whether the stream could end here without cutting a frame in two.
  public boolean isBetweenFrames() {
    return headerBytes == 0 && failure == null;
  }

  private boolean readHeader(ByteBuf in) throws ProtocolException {
    if (headerBytes == header.length) {
      return true;
    }
    int step = Math.min(header.length - headerBytes, in.readableBytes());
    in.readBytes(header, headerBytes, step);
    headerBytes += step;
    if (headerBytes < header.length) {
      return false;
    }
    beginPayload(header[0] & 0xff, unsignedLength());
    return true;
  }

  private long unsignedLength() {
    return (header[1] & 0xffL) << 24
        | (header[2] & 0xffL) << 16
        | (header[3] & 0xffL) << 8
        | (header[4] & 0xffL);
  }

  private void beginPayload(int code, long declared) throws ProtocolException {
    FrameType known = FrameType.fromCode(code);
    type =
        fromClient
            ? checkedFromClient(code, known, declared)
            : checkedFromServer(code, known, declared);
    length = (int) declared; // both checks end far below 2^31
    received = 0;
  }

  private static @Nullable FrameType checkedFromClient(
      int code, @Nullable FrameType known, long declared) throws ProtocolException {
    if (known == null || !known.sentByClient()) {
      if (declared > FrameLimits.MAX_UNKNOWN) {
        throw ProtocolException.unknownTooLarge(code, declared);
      }
      return null;
    }
    if (!known.allowsLength(declared)) {
      throw ProtocolException.wrongLength(known, declared);
    }
    return known;
  }

  private static @Nullable FrameType checkedFromServer(
      int code, @Nullable FrameType known, long declared) throws ProtocolException {
    if (declared > FrameLimits.MAX_SERVER_INFO) {
      throw ProtocolException.tooLarge(code, declared, FrameLimits.MAX_SERVER_INFO);
    }
    if (known == FrameType.SERVER_KEY && !known.allowsLength(declared)) {
      throw ProtocolException.wrongLength(known, declared);
    }
    boolean usable = known != null && known.sentByServer() && declared >= known.minimumLength();
    return usable ? known : null;
  }

  /// Moves payload bytes from `in` to `kept`, or past it when nobody wants them. True when all are
  /// there.
  private boolean readPayload(ByteBuf in) {
    int step = Math.min(length - received, in.readableBytes());
    int wanted = type == null ? Math.min(length, Frame.Unknown.KEPT_BYTES) : length;
    int keep = Math.min(step, Math.max(0, wanted - received));
    if (keep > 0) {
      makeRoom(wanted, received + keep);
      in.readBytes(kept, received, keep);
    }
    in.skipBytes(step - keep);
    received += step;
    return received == length;
  }

  private void makeRoom(int wanted, int needed) {
    if (kept.length < needed) {
      int grown = Math.max(needed, Math.max(FIRST_ALLOCATION, 2 * kept.length));
      kept = Arrays.copyOf(kept, Math.min(wanted, grown));
    }
  }

  private Frame frame(byte[] payload) throws ProtocolException {
    FrameType known = type;
    return known == null
        ? new Frame.Unknown(header[0] & 0xff, length, payload)
        : PayloadReader.read(known, payload);
  }
}
