package dev.derp4j.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.frame.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/// Any bytes are frames or an error, whatever way they are cut.
///
/// The build only replays the seeds. To search for real, one target at a time:
///
/// ```text
/// JAZZER_FUZZ=1 mvn -pl derp4j-protocol -am test -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dtest='FrameDecoderFuzzTest#clientBytesMeanTheSameHoweverTheyAreCut'
/// ```
class FrameDecoderFuzzTest {
  /// The first two bytes choose where the stream is cut, the rest is the stream.
  @FuzzTest(maxDuration = "1m")
  void clientBytesMeanTheSameHoweverTheyAreCut(byte[] input) {
    checkCuts(true, input);
  }

  @FuzzTest(maxDuration = "1m")
  void serverBytesMeanTheSameHoweverTheyAreCut(byte[] input) {
    checkCuts(false, input);
  }

  private static void checkCuts(boolean fromClient, byte[] input) {
    if (input.length < 2) {
      return;
    }
    byte[] stream = Arrays.copyOfRange(input, 2, input.length);
    int step = 1 + (input[0] & 0x3f);
    int first = input[1] & 0xff;
    List<Object> whole =
        outcome(decoder(fromClient), stream, stream.length, Math.max(1, stream.length));
    List<Object> cut = outcome(decoder(fromClient), stream, first, step);

    assertThat(cut).isEqualTo(whole);
    for (Object frame : whole) {
      checkRewritten(fromClient, frame);
    }
  }

  private static FrameDecoder decoder(boolean fromClient) {
    return fromClient ? FrameDecoder.forClientFrames() : FrameDecoder.forServerFrames();
  }

  /// The frames, and behind them the error's text if there was one.
  private static List<Object> outcome(FrameDecoder decoder, byte[] stream, int first, int step) {
    List<Object> outcome = new ArrayList<>();
    try {
      int to = Math.min(first, stream.length);
      decoder.decode(Unpooled.wrappedBuffer(stream, 0, to), outcome::add);
      while (to < stream.length) {
        int length = Math.min(step, stream.length - to);
        decoder.decode(Unpooled.wrappedBuffer(stream, to, length), outcome::add);
        to += length;
      }
    } catch (ProtocolException e) {
      outcome.add(e.getMessage());
    }
    return outcome;
  }

  /// A frame that was read can be written, if its reader was not more patient than a writer may be,
  /// and reads the same.
  private static void checkRewritten(boolean fromClient, Object outcome) {
    if (!(outcome instanceof Frame frame)
        || (frame instanceof Frame.PeerPresent present && present.address() == null)) {
      return; // an error's text, or a short form that only old servers write
    }
    ByteBuf out = Unpooled.buffer();
    try {
      FrameWriter.writeFrame(out, frame);
    } catch (IllegalArgumentException tooLongToWrite) {
      assertThat(fromClient && !(frame instanceof Frame.Unknown)).isFalse();
      return;
    }
    byte[] written = ByteBufUtil.getBytes(out);
    assertThat(outcome(decoder(fromClient), written, 0, written.length)).containsExactly(frame);
  }
}
