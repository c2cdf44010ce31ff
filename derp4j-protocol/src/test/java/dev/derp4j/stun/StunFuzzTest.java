package dev.derp4j.stun;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever a datagram holds, the parsers say what it is: they neither throw anything else nor read
/// beyond its end.
///
/// Seeds lie in the resources' `StunFuzzTestInputs`. To search: `JAZZER_FUZZ=1 mvn -pl
/// derp4j-protocol test -Dtest=StunFuzzTest`.
class StunFuzzTest {
  private final RequestChecker checker = new RequestChecker();

  @FuzzTest(maxDuration = "2m")
  void anyDatagramIsJudged(byte[] datagram) {
    judge(datagram);
  }

  @Test
  void theRecordedDatagramsAndTheirTruncationsAreJudged() {
    for (String file : new String[] {"judged-requests.txt", "judged-answers.txt"}) {
      for (String[] line : Recorded.lines(file)) {
        byte[] whole = line.length < 2 ? new byte[0] : Recorded.bytes(line[line.length - 1]);
        for (int length = 0; length <= Math.min(whole.length, 80); length++) {
          judge(Arrays.copyOf(whole, length));
        }
      }
    }
  }

  private void judge(byte[] datagram) {
    // Bytes around the datagram must not change the judgement.
    byte[] around = new byte[datagram.length + 64];
    Arrays.fill(around, (byte) 0x42);
    System.arraycopy(datagram, 0, around, 32, datagram.length);

    RequestVerdict verdict = checker.check(datagram, 0, datagram.length);
    assertThat(checker.check(around, 32, datagram.length)).isEqualTo(verdict);
    if (verdict == RequestVerdict.VALID) {
      assertThat(datagram.length).isGreaterThanOrEqualTo(BindingRequest.LENGTH);
      assertThat(datagram.length % 4).isZero();
    }

    String read = read(datagram, 0, datagram.length);
    assertThat(read(around, 32, datagram.length)).isEqualTo(read);
  }

  private static String read(byte[] bytes, int offset, int length) {
    try {
      BindingAnswer answer = BindingAnswer.parse(bytes, offset, length);
      byte[] address = answer.mapped().getAddress().getAddress();
      byte[] request = BindingRequest.encode(answer.id());
      byte[] out = new byte[BindingAnswer.IPV6_LENGTH];
      int written =
          BindingAnswer.write(request, 0, address, address.length, answer.mapped().getPort(), out);
      assertThat(BindingAnswer.parse(out, 0, written)).isEqualTo(answer);
      return answer.toString();
    } catch (StunFormatException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
