package dev.derp4j.tls;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import static org.assertj.core.api.Assertions.assertThat;

/// Any bytes are a first message or none.
///
/// The build only replays the seeds. To search for real:
///
/// ```text
/// JAZZER_FUZZ=1 mvn -pl derp4j-server -am test -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dtest='ClientHelloFuzzTest'
/// ```
class ClientHelloFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void anyBytesAreAFirstMessageOrNone(byte[] input) {
    ByteBuf message = Unpooled.wrappedBuffer(input);
    ClientHello.parse(message)
        .ifPresent(
            hello -> {
              int length =
                  hello.protocols().stream().mapToInt(String::length).sum()
                      + (hello.serverName() == null ? 0 : hello.serverName().length());
              assertThat(length).isLessThan(input.length);
            });
    assertThat(message.readableBytes()).isEqualTo(input.length);
  }
}
