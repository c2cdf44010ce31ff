package dev.derp4j.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/// The buffers of a relay: pooled direct memory, one arena per event loop.
///
/// Netty's default allocator is `adaptive`. Without `Unsafe`, which recent JDKs withhold, it frees
/// each large direct buffer by closing a shared arena: a handshake with all threads for each read,
/// measured at three times the CPU per packet. `pooled` keeps its chunks and is fast on every JDK
/// without flags; a test holds us to it.
public final class RelayAllocator {
  private static final int PAGE_BYTES = 8192;

  /// Chunks of 8192 << 9 = 4 MiB.
  private static final int MAX_ORDER = 9;

  private static final int SMALL_CACHE = 64;
  private static final int NORMAL_CACHE = 32;
  private static final int ANCHOR_BYTES = 16;

  private RelayAllocator() {}

  static ByteBufAllocator create(int loops) {
    return new PooledByteBufAllocator(
        true, 0, loops, PAGE_BYTES, MAX_ORDER, SMALL_CACHE, NORMAL_CACHE, true);
  }

  /// A small buffer per thread, from its first use to the thread's end.
  ///
  /// The pool returns a chunk to the system when the last buffer in it is given back. A loop that
  /// holds nothing between two bursts would pay for a chunk's making and closing at each burst;
  /// with one buffer that stays it keeps its first chunk.
  static FastThreadLocal<ByteBuf> anchor(ByteBufAllocator allocator) {
    return new FastThreadLocal<>() {
      @Override
      protected ByteBuf initialValue() {
        return allocator.directBuffer(ANCHOR_BYTES);
      }

      @Override
      protected void onRemoval(ByteBuf anchor) {
        anchor.release();
      }
    };
  }
}
