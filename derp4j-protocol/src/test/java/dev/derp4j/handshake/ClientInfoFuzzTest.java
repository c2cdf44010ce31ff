package dev.derp4j.handshake;

import com.code_intelligence.jazzer.junit.FuzzTest;

import static org.assertj.core.api.Assertions.assertThat;

/// Any bytes are an info or an error that is safe to log. How to search for real:
/// [dev.derp4j.codec.FrameDecoderFuzzTest].
class ClientInfoFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void anyDocumentIsAnInfoOrOnePrintableLine(byte[] json) {
    try {
      ClientInfo info = ClientInfo.parse(json);
      assertThat(ClientInfo.isValidAppName(info.appName())).isTrue();
      assertThat(ClientInfo.parse(info.toJson())).isEqualTo(info);
    } catch (HandshakeException e) {
      assertThat(e.getMessage()).matches("[ -~]{1,600}");
    }
  }
}
