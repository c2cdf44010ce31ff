package dev.derp4j.map;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

import static org.assertj.core.api.Assertions.assertThat;

/// Any bytes are a map, which survives being written, or an error that is safe to log. How to
/// search for real: [dev.derp4j.codec.FrameDecoderFuzzTest].
class DerpMapFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void anyTextIsAMapOrOnePrintableLine(byte[] json) throws IOException {
    DerpMap map;
    try {
      map = DerpMap.read(new ByteArrayInputStream(json));
    } catch (DerpMapException e) {
      assertThat(e.getMessage()).matches("line \\d+, column \\d+: [ -~]{1,1000}");
      return;
    }
    assertThat(DerpMap.parse(map.toJson())).isEqualTo(map);
  }
}
