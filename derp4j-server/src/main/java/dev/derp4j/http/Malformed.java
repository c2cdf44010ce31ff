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

  private final String body;

  Malformed(String status) {
    this(status, status);
  }

  /// @param status the code and the words behind it
  /// @param body what a person is told
  private Malformed(String status, String body) {
    super(status, null, false, false);
    this.body = body;
  }

  /// A status whose reason is told with it, in the status line as in the body.
  static Malformed because(String status, String reason) {
    return new Malformed(status + ": " + reason);
  }

  static Malformed unsupportedTransferEncoding() {
    return new Malformed("501 Not Implemented", "Unsupported transfer encoding");
  }

  ByteBuf toBytes(ByteBufAllocator allocator) {
    String text =
        "HTTP/1.1 "
            + getMessage()
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
            + body;
    return ByteBufUtil.writeAscii(allocator, text);
  }
}
