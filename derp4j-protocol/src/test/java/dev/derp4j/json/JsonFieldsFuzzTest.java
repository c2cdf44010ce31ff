package dev.derp4j.json;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Any text is an object whose fields can be asked for, or an error that is safe to log. How to
/// search for real: [dev.derp4j.codec.FrameDecoderFuzzTest].
class JsonFieldsFuzzTest {
  private static final String GOOD =
      "{\"Allow\":true,\"RateLimitBytesPerSec\":500000,\"Self\":{\"PublicKey\":\"nodekey:00\"},"
          + "\"more\":[1,{\"Allow\":false},null,-1.5e3]}";

  @FuzzTest(maxDuration = "1m")
  void anyTextIsAnObjectOrRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (boolean whole : new boolean[] {false, true}) {
      try {
        JsonFields fields = whole ? JsonFields.parseWhole(text) : JsonFields.parse(text);
        fields.flag("Allow");
        fields.number("RateLimitBytesPerSec");
        fields.nested("Self").text("PublicKey");
      } catch (JsonFields.BadJsonException refused) {
        assertThat(refused.getMessage()).matches("[ -~]{1,200}");
      }
    }
  }

  @Test
  void damagedObjects() {
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = GOOD.getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      anyTextIsAnObjectOrRefused(bytes);
    }
  }

  @Test
  void anObjectCutAnywhereIsRefused() throws Exception {
    for (int length = 0; length < GOOD.length(); length++) {
      String cut = GOOD.substring(0, length);
      assertThatThrownBy(() -> JsonFields.parse(cut))
          .isInstanceOf(JsonFields.BadJsonException.class);
    }
    assertThat(JsonFields.parse(GOOD + " and more").flag("Allow")).isTrue();
    assertThatThrownBy(() -> JsonFields.parseWhole(GOOD + " and more"))
        .isInstanceOf(JsonFields.BadJsonException.class);
  }

  @Test
  void nestingWithoutEndIsRefused() {
    for (String open : new String[] {"{\"a\":", "["}) {
      String deep = "{\"x\":" + open.repeat(100_000);
      assertThatThrownBy(() -> JsonFields.parse(deep))
          .isInstanceOf(JsonFields.BadJsonException.class);
    }
  }
}
