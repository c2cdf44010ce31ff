package dev.derp4j.tls;

import dev.derp4j.transport.TlsLayer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.internal.tcnative.SSL;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// The server's side of TLS on one connection, by BoringSSL and without an
/// [javax.net.ssl.SSLEngine] between.
///
/// Netty's `SslHandler` and its engine keep 1.4 KB of objects for each connection, for what a relay
/// never asks; and they copy. Here a connection keeps this object and what BoringSSL keeps.
///
/// **Reading.** BoringSSL gets complete records only, straight from the read buffer, so that it
/// holds no buffer between two reads. It takes each record out before it gives back the plaintext,
/// which is shorter, so the plaintext goes where the records lay: one buffer travels on, filled
/// from its start with what all its records held. The beginning of a record that is not complete
/// yet is kept in a buffer that grows as its bytes arrive.
///
/// **Writing.** What is written waits for the flush, or until there is enough of it ([Unsealed]),
/// and then becomes as few records as it fits into, in one buffer.
///
/// **Events** are those of `SslHandler`: [SslHandshakeCompletionEvent], [SslCloseCompletionEvent];
/// a fault before the handshake is done closes the connection, one after it goes down the pipeline
/// as an [SSLException] and nothing more is read.
///
/// Owned by the connection's event loop. The native object lives from [#handlerAdded] to
/// [#handlerRemoved].
final class BoringSslHandler extends ChannelDuplexHandler implements TlsLayer.Handler {
  /// Room for what BoringSSL says while it reads: an alert or a key update, 31 bytes at most.
  /// Longer messages, those of the handshake, go through it in pieces or straight into the buffer
  /// of the next write. It is allocated per connection and kept.
  private static final int CONTROL_BYTES = 64;

  /// A server's first flight with a short chain fits in; a longer one takes several.
  private static final int FLIGHT_BYTES = 4096;

  /// How long a goodbye may take to be sent before the connection is closed without.
  private static final long GOODBYE_MILLIS = 3000;

  private final BoringSslContext context;
  private final int handshakeMillis;

  /// Zero while there is none.
  private long ssl;

  private long bio;
  private @Nullable ByteBuf partial;
  private @Nullable Unsealed unsealed;
  private @Nullable Future<?> deadline;
  private @Nullable ChannelHandlerContext self;

  /// What a record adds to its plaintext, at most.
  private int overhead;

  private boolean established;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean passedOn;

  /// @param context one count of it is the handler's, which gives it back when it is removed or by
  ///     [#release]
  BoringSslHandler(BoringSslContext context, Duration handshakeLimit) {
    this.context = context;
    this.handshakeMillis = Math.toIntExact(handshakeLimit.toMillis());
  }

  /// In place of adding it to a pipeline.
  void release() {
    context.released();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    self = ctx;
    ssl = context.newConnection();
    bio = SSL.bioNewByteBuffer(ssl, CONTROL_BYTES);
    deadline = ctx.executor().schedule(() -> tooLate(ctx), handshakeMillis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    cancelDeadline();
    if (partial != null) {
      partial.release();
      partial = null;
    }
    if (unsealed != null) {
      unsealed.fail(new ClosedChannelException());
      unsealed = null;
    }
    if (ssl != 0) {
      SSL.freeSSL(ssl);
      ssl = 0;
    }
    if (self != null) {
      self = null;
      context.released();
    }
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  private void tooLate(ChannelHandlerContext ctx) {
    failHandshake(
        ctx,
        new SslHandshakeTimeoutException("handshake timed out after " + handshakeMillis + "ms"));
  }

  @Override
  public boolean isEstablished() {
    return established;
  }

  @Override
  public @Nullable String protocol() {
    return established && ssl != 0 ? SSL.getVersion(ssl) : null;
  }

  // Reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (inputEnded) {
      in.release();
      return;
    }
    try {
      if (partial == null || completePartial(ctx, partial, in)) {
        readRecords(ctx, in); // takes over the reference
        return;
      }
    } catch (SSLException fault) {
      fail(ctx, fault);
    }
    in.release();
  }

  /// Adds to the record that was left incomplete, and passes on what it holds once it is complete.
  ///
  /// @return whether there is more to do
  private boolean completePartial(ChannelHandlerContext ctx, ByteBuf record, ByteBuf in)
      throws SSLException {
    TlsRecords.fill(record, in, TlsRecords.HEAD);
    if (record.readableBytes() < TlsRecords.HEAD) {
      return false;
    }
    int length = TlsRecords.length(record, record.readerIndex());
    TlsRecords.fill(record, in, length);
    if (record.readableBytes() < length) {
      return false;
    }
    partial = null;
    open(ctx, record, length, 1);
    return in.isReadable() && !inputEnded && ssl != 0;
  }

  /// Takes over the reference to `in`, but not where it throws.
  private void readRecords(ChannelHandlerContext ctx, ByteBuf in) throws SSLException {
    int start = in.readerIndex();
    int end = in.writerIndex();
    int index = start;
    int records = 0;
    while (end - index >= TlsRecords.HEAD) {
      int length = TlsRecords.length(in, index);
      if (end - index < length) {
        break;
      }
      index += length;
      records++;
    }
    if (index < end) {
      partial = ctx.alloc().directBuffer(TlsRecords.roomFor(in, index, end));
      partial.writeBytes(in, index, end - index);
    }
    if (records == 0) {
      in.release();
      return;
    }
    open(ctx, NativeBytes.hasAddress(in) ? in : direct(ctx, in), index - start, records);
  }

  private static ByteBuf direct(ChannelHandlerContext ctx, ByteBuf in) {
    try {
      return ctx.alloc().directBuffer(in.readableBytes()).writeBytes(in);
    } finally {
      in.release();
    }
  }

  /// Opens the `length` bytes of complete records at the reader index of `in` and passes on their
  /// plaintext. Takes over the reference; what goes wrong is dealt with here.
  private void open(ChannelHandlerContext ctx, ByteBuf in, int length, int records) {
    int start = in.readerIndex();
    int opened = openInPlace(ctx, in, start, length, records);
    int plain = opened < 0 ? ~opened : opened;
    SSLException fault = opened < 0 ? fault(ctx, "SSL_read") : null;
    if (!established && fault == null && SSL.isInInit(ssl) == 0) {
      established(ctx);
    }
    if (plain > 0 && ssl != 0) {
      passedOn = true;
      ctx.fireChannelRead(in.setIndex(start, start + plain));
    } else {
      in.release();
    }
    if (fault != null) {
      fail(ctx, fault);
    } else if (inputEnded && ssl != 0) {
      closeOutput();
      ctx.fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
    }
  }

  /// @return how many bytes of plaintext there are, from `start`; their complement if there came a
  ///     fault behind them
  private int openInPlace(
      ChannelHandlerContext ctx, ByteBuf in, int start, int length, int records) {
    long base = NativeBytes.address(in, start);
    int taken = 0;
    int plain = 0;
    int opened = 0;
    int stuck = 0;
    while (taken < length) {
      int before = taken;
      int error = SSL.SSL_ERROR_NONE;
      SSL.bioSetByteBuffer(bio, base + taken, length - taken, false);
      try {
        while (opened < records) {
          int read = SSL.readFromSSL(ssl, base + plain, length - plain);
          if (read <= 0) {
            error = SSL.getError(ssl, read);
            break;
          }
          plain += read;
          opened++;
        }
        taken = length - SSL.bioLengthByteBuffer(bio);
      } catch (NameRefusedException refused) {
        return ~plain;
      } finally {
        SSL.bioClearByteBuffer(bio);
      }
      if (error == SSL.SSL_ERROR_ZERO_RETURN) {
        inputEnded = true;
        return plain;
      }
      // The library may need to speak before it reads on, but not twice.
      stuck = taken == before ? stuck + 1 : 0;
      boolean wants = error == SSL.SSL_ERROR_WANT_READ || error == SSL.SSL_ERROR_WANT_WRITE;
      boolean goesOn = error == SSL.SSL_ERROR_NONE || (wants && say(ctx));
      if (!goesOn || stuck > 1) {
        return ~plain;
      }
    }
    return plain;
  }

  /// What the library has to say, with what it said to the peer.
  private SSLException fault(ChannelHandlerContext ctx, String call) {
    int code = SSL.getLastErrorNumber();
    String why = code == 0 ? call + " failed" : SSL.getErrorString(code);
    SSL.clearError();
    inputEnded = true;
    outputEnded = true;
    sayControl(ctx);
    return established ? new SSLException(why) : new SSLHandshakeException(why);
  }

  private void established(ChannelHandlerContext ctx) {
    established = true;
    overhead = SSL.getMaxWrapOverhead(ssl);
    cancelDeadline();
    ctx.fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
  }

  /// Reading goes on by itself where the pipeline behind got nothing of what was read.
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    boolean nothing = !passedOn;
    passedOn = false;
    if (nothing && !inputEnded && !ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
    ctx.fireChannelReadComplete();
  }

  // Faults and ends

  private void fail(ChannelHandlerContext ctx, SSLException fault) {
    inputEnded = true;
    if (established) {
      ctx.fireExceptionCaught(fault);
    } else {
      failHandshake(ctx, fault);
    }
  }

  private void failHandshake(ChannelHandlerContext ctx, SSLException fault) {
    inputEnded = true;
    outputEnded = true;
    cancelDeadline();
    ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(fault));
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ClosedChannelException closed = new ClosedChannelException();
    if (!established && !inputEnded) {
      ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(closed));
    }
    if (!inputEnded) {
      inputEnded = true;
      ctx.fireUserEventTriggered(new SslCloseCompletionEvent(closed));
    }
    outputEnded = true;
    cancelDeadline();
    ctx.fireChannelInactive();
  }

  // Writing

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf plain = (ByteBuf) message;
    if (!established || outputEnded) {
      plain.release();
      promise.tryFailure(
          new SSLException(established ? "TLS is closed" : "the handshake is not done"));
      return;
    }
    if (unsealed == null) {
      unsealed = new Unsealed();
    }
    unsealed.add(plain, promise);
    if (unsealed.isMuch()) {
      seal(ctx);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    seal(ctx);
    ctx.flush();
  }

  /// Makes records of what was written.
  private void seal(ChannelHandlerContext ctx) {
    Unsealed waiting = unsealed;
    if (waiting == null) {
      return;
    }
    unsealed = null;
    ByteBuf out = ctx.alloc().directBuffer(waiting.sealedLength(overhead) + CONTROL_BYTES);
    int room = out.capacity();
    boolean sealed;
    SSL.bioSetByteBuffer(bio, NativeBytes.address(out, 0), room, true);
    try {
      SSL.bioFlushByteBuffer(bio);
      sealed = waiting.seal(ssl);
      out.writerIndex(room - SSL.bioLengthByteBuffer(bio));
    } finally {
      SSL.bioClearByteBuffer(bio);
    }
    ChannelPromise promise = waiting.promise(ctx);
    if (sealed) {
      ctx.write(out, promise);
    } else {
      out.release();
      SSLException fault = fault(ctx, "SSL_write");
      promise.tryFailure(fault);
      fail(ctx, fault);
    }
  }

  /// Sends what the library has to say by itself: its part of the handshake, most of all.
  ///
  /// @return false if the handshake failed
  private boolean say(ChannelHandlerContext ctx) {
    if (established) {
      sayControl(ctx);
      return true;
    }
    int error = SSL.SSL_ERROR_WANT_WRITE;
    boolean said = false;
    while (error == SSL.SSL_ERROR_WANT_WRITE) {
      ByteBuf out = ctx.alloc().directBuffer(FLIGHT_BYTES);
      int room = out.capacity();
      SSL.bioSetByteBuffer(bio, NativeBytes.address(out, 0), room, true);
      try {
        SSL.bioFlushByteBuffer(bio);
        int done = SSL.doHandshake(ssl);
        error = done > 0 ? SSL.SSL_ERROR_NONE : SSL.getError(ssl, done);
        out.writerIndex(room - SSL.bioLengthByteBuffer(bio));
      } finally {
        SSL.bioClearByteBuffer(bio);
      }
      said |= pass(ctx, out, ctx.voidPromise());
    }
    if (said) {
      ctx.flush();
    }
    return error == SSL.SSL_ERROR_NONE || error == SSL.SSL_ERROR_WANT_READ;
  }

  /// What the library has said into its own small buffer; it is asked for no more.
  private ByteBuf control(ChannelHandlerContext ctx) {
    ByteBuf out = ctx.alloc().directBuffer(CONTROL_BYTES);
    SSL.bioSetByteBuffer(bio, NativeBytes.address(out, 0), CONTROL_BYTES, true);
    try {
      SSL.bioFlushByteBuffer(bio);
      out.writerIndex(CONTROL_BYTES - SSL.bioLengthByteBuffer(bio));
    } finally {
      SSL.bioClearByteBuffer(bio);
    }
    return out;
  }

  private void sayControl(ChannelHandlerContext ctx) {
    if (SSL.bioLengthNonApplication(bio) > 0 && pass(ctx, control(ctx), ctx.voidPromise())) {
      ctx.flush();
    }
  }

  /// @return whether there was anything
  private static boolean pass(ChannelHandlerContext ctx, ByteBuf out, ChannelPromise promise) {
    if (!out.isReadable()) {
      out.release();
      return false;
    }
    ctx.write(out, promise);
    return true;
  }

  // Closing

  @Override
  public void closeOutput() {
    if (self != null && sayGoodbye(self, self.voidPromise())) {
      self.flush();
    }
  }

  /// @return whether there is something to flush
  private boolean sayGoodbye(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (!established || outputEnded || ssl == 0) {
      return false;
    }
    seal(ctx);
    if (outputEnded) {
      return false; // That failed.
    }
    outputEnded = true;
    SSL.shutdownSSL(ssl);
    SSL.clearError();
    return pass(ctx, control(ctx), promise);
  }

  @Override
  public void disconnect(ChannelHandlerContext ctx, ChannelPromise promise) {
    close(ctx, promise);
  }

  /// Closes when the goodbye is sent, and not much later if that does not happen.
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    ChannelPromise sent = ctx.newPromise();
    if (!sayGoodbye(ctx, sent)) {
      ctx.close(promise);
      return;
    }
    ctx.flush();
    if (sent.isDone()) {
      ctx.close(promise);
      return;
    }
    Future<?> limit =
        ctx.executor().schedule(() -> ctx.close(promise), GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
    sent.addListener(
        _ -> {
          if (limit.cancel(false)) {
            ctx.close(promise);
          }
        });
  }
}
