package dev.derp4j.key;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;

import static org.assertj.core.api.Assertions.assertThat;

/// Any text is a key that prints as it was read, or an error without a trace of the text. How to
/// search for real: [dev.derp4j.codec.FrameDecoderFuzzTest].
class KeyTextFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void anyTextIsAKeyOrACleanError(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    check(text, given -> NodePublicKey.parse(given).toString());
    check(text, given -> NodePrivateKey.parse(given).secretText());
    check(text, given -> MeshKey.parse(given).secretText());
    check(text, given -> NodePublicKey.parseHex(given).toHex());
  }

  private static void check(String text, Function<String, String> readAndPrint) {
    try {
      assertThat(readAndPrint.apply(text)).isEqualTo(text.strip().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).matches("[ -~]{1,100}");
      if (text.length() >= 20) {
        assertThat(e.getMessage()).doesNotContain(text.substring(0, 20));
      }
    }
  }
}
