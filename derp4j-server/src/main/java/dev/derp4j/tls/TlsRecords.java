package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import io.netty.handler.ssl.NotSslRecordException;

/// Where one TLS record ends and the next begins (RFC 8446 §5.1).
///
/// ```text
/// type (20 to 24) | 3 | minor version | length of the body (2) | body
/// ```
final class TlsRecords {
  /// Bytes before the body.
  static final int HEAD = 5;

  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 24;
  private static final int MAJOR_VERSION = 3;

  /// RFC 5246 §6.2.3; TLS 1.3 allows less.
  private static final int LONGEST_BODY = (1 << 14) + 2048;

  /// For the beginning of a record: room in bytes, and how much more than what is there.
  private static final int LEAST_ROOM = 256;

  private static final int ROOM_FACTOR = 8;

  private TlsRecords() {}

  /// The length of the record at `index`, head included. The head must be there.
  ///
  /// @throws NotSslRecordException if no record begins so
  static int length(ByteBuf in, int index) throws NotSslRecordException {
    int type = in.getUnsignedByte(index);
    int body = in.getUnsignedShort(index + 3);
    if (type < FIRST_TYPE
        || type > LAST_TYPE
        || in.getByte(index + 1) != MAJOR_VERSION
        || body > LONGEST_BODY) {
      throw new NotSslRecordException("not a TLS record");
    }
    return HEAD + body;
  }

  /// Moves bytes from `in` to a record that is not complete yet, until it has `length` of them.
  static void fill(ByteBuf record, ByteBuf in, int length) {
    int missing = length - record.readableBytes();
    if (missing > 0) {
      record.writeBytes(in, Math.min(missing, in.readableBytes()));
    }
  }

  /// How large a buffer the beginning of a record gets, which is what `in` holds from `index` to
  /// `end`: as large as the record, if a good part of it is there. Who merely declares a length
  /// gets little.
  static int roomFor(ByteBuf in, int index, int end) throws NotSslRecordException {
    int there = end - index;
    int sensible = Math.max(LEAST_ROOM, ROOM_FACTOR * there);
    return there < HEAD ? LEAST_ROOM : Math.min(sensible, length(in, index));
  }
}
