package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.internal.tcnative.SSL;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What was written to a connection and is not in a record yet, with the promises that were given
/// for it. It exists from a write to the next flush. Owned by the connection's event loop.
final class Unsealed {
  /// The most that a record holds (RFC 8446 §5.1).
  private static final int RECORD_BYTES = 1 << 14;

  /// So much is not left to wait for the flush. It is not part of what the channel says is pending,
  /// and so bounds what a connection may have beyond that.
  private static final int MUCH = 4 * RECORD_BYTES;

  /// One record's plaintext, gathered from several buffers; one per event loop.
  private static final FastThreadLocal<ByteBuf> GATHERED =
      new FastThreadLocal<>() {
        @Override
        protected ByteBuf initialValue() {
          return Unpooled.directBuffer(RECORD_BYTES, RECORD_BYTES);
        }

        @Override
        protected void onRemoval(ByteBuf buffer) {
          buffer.release();
        }
      };

  private @Nullable ByteBuf first;
  private @Nullable ArrayDeque<ByteBuf> others;
  private @Nullable ArrayDeque<ChannelPromise> promises;
  private int bytes;

  /// Takes over the reference.
  void add(ByteBuf plain, ChannelPromise promise) {
    if (!promise.isVoid()) {
      if (promises == null) {
        promises = new ArrayDeque<>(2);
      }
      promises.add(promise);
    }
    if (!plain.isReadable()) {
      plain.release();
      return;
    }
    bytes += plain.readableBytes();
    if (first == null) {
      first = plain;
    } else {
      if (others == null) {
        others = new ArrayDeque<>();
      }
      others.add(plain);
    }
  }

  /// Whether there is enough to make records of at once.
  boolean isMuch() {
    return bytes >= MUCH;
  }

  /// How long the records will be at most.
  ///
  /// @param overhead of each
  int sealedLength(int overhead) {
    return bytes + overhead * (bytes / RECORD_BYTES + 1);
  }

  /// Has the library make records of everything, each as full as can be.
  ///
  /// @return false if it failed
  boolean seal(long ssl) {
    while (first != null) {
      int length = sealRecord(ssl, first);
      if (length <= 0) {
        release();
        return false;
      }
    }
    return true;
  }

  private int sealRecord(long ssl, ByteBuf next) {
    boolean alone = next.readableBytes() >= RECORD_BYTES || others == null || others.isEmpty();
    if (alone && NativeBytes.hasAddress(next)) {
      int length = Math.min(RECORD_BYTES, next.readableBytes());
      int written = SSL.writeToSSL(ssl, NativeBytes.address(next, next.readerIndex()), length);
      next.skipBytes(length);
      releaseIfEmpty(next);
      return written == length ? length : -1;
    }
    ByteBuf gathered = GATHERED.get().clear();
    ByteBuf from = next;
    while (from != null && gathered.isWritable()) {
      gathered.writeBytes(from, Math.min(gathered.writableBytes(), from.readableBytes()));
      releaseIfEmpty(from);
      from = first;
    }
    int length = gathered.readableBytes();
    int written = SSL.writeToSSL(ssl, NativeBytes.address(gathered, 0), length);
    return written == length ? length : -1;
  }

  private void releaseIfEmpty(ByteBuf buffer) {
    if (!buffer.isReadable()) {
      first = others == null ? null : others.poll();
      buffer.release();
    }
  }

  /// One promise that keeps all that were given.
  ChannelPromise promise(ChannelHandlerContext ctx) {
    ArrayDeque<ChannelPromise> given = promises;
    if (given == null) {
      return ctx.voidPromise();
    }
    promises = null;
    if (given.size() == 1) {
      return given.remove();
    }
    ChannelPromise all = ctx.newPromise();
    all.addListener(
        done -> {
          for (ChannelPromise each : given) {
            if (done.isSuccess()) {
              each.trySuccess();
            } else {
              each.tryFailure(done.cause());
            }
          }
        });
    return all;
  }

  /// Nothing of it will be sent.
  void fail(Throwable why) {
    release();
    if (promises != null) {
      promises.forEach(promise -> promise.tryFailure(why));
      promises = null;
    }
  }

  private void release() {
    if (first != null) {
      first.release();
      first = null;
    }
    if (others != null) {
      others.forEach(ByteBuf::release);
      others = null;
    }
  }
}
