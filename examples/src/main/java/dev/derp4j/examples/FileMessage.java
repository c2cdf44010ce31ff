package dev.derp4j.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What the two sides of a file transfer tell each other, one message a packet.
///
/// ```text
/// offer    01 | transfer (8) | size (8)   | SHA-256 (32) | name (1..255, UTF-8)
/// data     02 | transfer (8) | offset (8) | bytes (1..32768)
/// taken    03 | transfer (8) | offset (8)                  all before it has arrived
/// end      04 | transfer (8) | status (1)                  0: the file is there and whole
/// ```
///
/// Integers are big-endian. A packet that is none of these is not for us.
sealed interface FileMessage {
  /// How many bytes of a file one packet carries at most.
  int CHUNK = 32 * 1024;

  int DIGEST = 32;
  int LONGEST_NAME = 255;

  /// Names one transfer of a sender.
  long transfer();

  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Offer(long transfer, long size, byte[] sha256, String name) implements FileMessage {}

  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Data(long transfer, long offset, byte[] bytes) implements FileMessage {}

  record Taken(long transfer, long offset) implements FileMessage {}

  record End(long transfer, boolean whole) implements FileMessage {}

  /// The packet's bytes.
  default byte[] encode() {
    return switch (this) {
      case Offer(var transfer, var size, var sha256, var name) -> {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        yield head(1, transfer, 8 + DIGEST + text.length)
            .putLong(size)
            .put(sha256)
            .put(text)
            .array();
      }
      case Data(var transfer, var offset, var bytes) ->
          head(2, transfer, 8 + bytes.length).putLong(offset).put(bytes).array();
      case Taken(var transfer, var offset) -> head(3, transfer, 8).putLong(offset).array();
      case End(var transfer, var whole) -> head(4, transfer, 1).put((byte) (whole ? 0 : 1)).array();
    };
  }

  private static ByteBuffer head(int type, long transfer, int rest) {
    return ByteBuffer.allocate(1 + 8 + rest).put((byte) type).putLong(transfer);
  }

  /// Reads a packet; empty if it is no message of ours.
  static Optional<FileMessage> decode(byte[] packet) {
    if (packet.length < 10) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(packet);
    int type = in.get();
    long transfer = in.getLong();
    int rest = in.remaining();
    if (type == 1 && rest > 8 + DIGEST && rest <= 8 + DIGEST + LONGEST_NAME) {
      long size = in.getLong();
      byte[] sha256 = bytes(in, DIGEST);
      String name = new String(bytes(in, in.remaining()), StandardCharsets.UTF_8);
      return size < 0 ? Optional.empty() : Optional.of(new Offer(transfer, size, sha256, name));
    } else if (type == 2 && rest > 8 && rest <= 8 + CHUNK) {
      long offset = in.getLong();
      return Optional.of(new Data(transfer, offset, bytes(in, in.remaining())));
    } else if (type == 3 && rest == 8) {
      return Optional.of(new Taken(transfer, in.getLong()));
    } else if (type == 4 && rest == 1) {
      return Optional.of(new End(transfer, in.get() == 0));
    }
    return Optional.empty();
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
