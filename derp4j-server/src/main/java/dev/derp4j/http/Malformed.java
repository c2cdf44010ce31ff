package dev.derp4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

/// What came is no request that can be answered. Has no stack trace: it is thrown as often as
/// strangers like.
///
/// The answer is short, without a date or a length, and the last of its connection, as Go's server
/// answers here.
final class Malformed extends Exception {
  private static final long serialVersionUID = 1L;

  Malformed(String status) {
    super(status, null, false, false);
  }

  Malformed(String status, String detail) {
    this(status + ": " + detail);
  }

  ByteBuf toBytes(ByteBufAllocator allocator) {
    String text =
        "HTTP/1.1 "
            + getMessage()
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
            + getMessage();
    return ByteBufUtil.writeAscii(allocator, text);
  }
}
