package dev.derp4j.codec;

import dev.derp4j.frame.Frame;
import dev.derp4j.frame.FrameType;
import dev.derp4j.vectors.Descriptions;
import dev.derp4j.vectors.Vectors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Frames of every type and many lengths, right and wrong, against the original's reading of each.
class RecordedFramesTest {
  static List<List<String>> readByClient() {
    return Vectors.rows("1.104.5/server-frames.txt");
  }

  /// ClientInfo left out: it was shown to the server behind the handshake, where it is a type of no
  /// meaning. The order of frames is not the decoder's business.
  static List<List<String>> readByServer() {
    return Vectors.rows("1.104.5/client-frames.txt").stream()
        .filter(row -> Vectors.bytes(row.getFirst())[0] != FrameType.CLIENT_INFO.code())
        .toList();
  }

  /// The recorded beginning of a frame, made as long as its header says with zeros. A length that
  /// no reader takes is left unsent.
  private static byte[] whole(String beginning) {
    byte[] start = Vectors.bytes(beginning);
    long length = 5 + Integer.toUnsignedLong(ByteBuffer.wrap(start).getInt(1));
    return Arrays.copyOf(start, (int) Math.min(length, 5 + (1 << 20)));
  }

  @ParameterizedTest
  @MethodSource("readByClient")
  void aClientReadsAFrameAsTheOriginalDoes(List<String> row) {
    String expected = expected(row);
    String read;
    try {
      Frame frame =
          Fragments.whole(FrameDecoder.forServerFrames(), whole(row.getFirst())).getFirst();
      read =
          switch (expected) {
            case "read" -> frame instanceof Frame.Unknown ? "skipped" : "read";
            case "greeting accepted", "greeting refused" ->
                frame instanceof Frame.ServerKey ? "greeting accepted" : "greeting refused";
            default -> frame instanceof Frame.Unknown ? "skipped" : Descriptions.of(frame);
          };
    } catch (ProtocolException e) {
      read = expected.startsWith("greeting") ? "greeting refused" : "error";
    }

    assertThat(read).isEqualTo(expected);
  }

  /// Go keeps text that is no UTF-8 as it is; a Java string has a replacement character in its
  /// place.
  private static String expected(List<String> row) {
    if (row.get(1).equals("Health")) {
      return "Health " + Vectors.column(Vectors.text(row.get(2)).getBytes(StandardCharsets.UTF_8));
    }
    return String.join(" ", row.subList(1, row.size()));
  }

  @ParameterizedTest
  @MethodSource("readByServer")
  void aServerKeepsAConnectionWhereTheOriginalDoes(List<String> row) {
    String read;
    try {
      assertThat(Fragments.whole(FrameDecoder.forClientFrames(), whole(row.getFirst()))).hasSize(1);
      read = "kept";
    } catch (ProtocolException e) {
      read = "closed";
    }

    assertThat(read).isEqualTo(row.get(1));
  }
}
