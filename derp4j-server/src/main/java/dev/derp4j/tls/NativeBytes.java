package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import io.netty.internal.tcnative.Buffer;
import java.nio.ByteBuffer;

/// Where a buffer's bytes lie, for the native library.
final class NativeBytes {
  private NativeBytes() {}

  /// Whether the buffer's bytes lie in one piece outside the heap.
  static boolean hasAddress(ByteBuf buffer) {
    return buffer.hasMemoryAddress() || (buffer.isDirect() && buffer.nioBufferCount() == 1);
  }

  /// The address of the byte at `index`. It holds as long as somebody holds the buffer.
  static long address(ByteBuf buffer, int index) {
    if (buffer.hasMemoryAddress()) {
      return buffer.memoryAddress() + index;
    }
    ByteBuffer view = buffer.internalNioBuffer(index, 0);
    return Buffer.address(view) + view.position();
  }
}
