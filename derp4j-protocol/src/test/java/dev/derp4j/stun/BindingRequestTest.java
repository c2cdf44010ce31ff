package dev.derp4j.stun;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BindingRequestTest {
  private final RequestChecker checker = new RequestChecker();

  @Test
  void requestsAreTheOriginalsByteForByte() {
    List<String[]> recorded = Recorded.lines("requests.txt");
    assertThat(recorded).hasSize(4);
    for (String[] line : recorded) {
      assertThat(BindingRequest.encode(Recorded.id(line[0]))).isEqualTo(Recorded.bytes(line[1]));
    }
  }

  @Test
  void theCheckerAcceptsAndRefusesWhatTheOriginalDoes() {
    int accepted = 0;
    for (String[] line : Recorded.lines("judged-requests.txt")) {
      byte[] datagram = line.length < 2 ? new byte[0] : Recorded.bytes(line[1]);
      boolean valid = checker.check(datagram, 0, datagram.length) == RequestVerdict.VALID;
      assertThat(valid).as(String.join(" ", line)).isEqualTo(line[0].equals("accept"));
      accepted += valid ? 1 : 0;
    }
    assertThat(accepted).isGreaterThan(10);
  }

  @Test
  void everyChangedBitIsRefused() {
    byte[] request = BindingRequest.encode(TransactionId.random());
    for (int bit = 0; bit < request.length * 8; bit++) {
      byte[] changed = request.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(checker.check(changed, 0, changed.length))
          .as("bit %d", bit)
          .isNotEqualTo(RequestVerdict.VALID);
    }
  }

  @Test
  void theVerdictNamesTheFirstRuleBroken() {
    TransactionId id = new TransactionId(1, 2);
    byte[] request = BindingRequest.encode(id);
    assertThat(verdict(request)).isEqualTo(RequestVerdict.VALID);
    assertThat(verdict(new byte[0])).isEqualTo(RequestVerdict.NOT_STUN);
    assertThat(verdict(Arrays.copyOf(request, 19))).isEqualTo(RequestVerdict.NOT_STUN);
    assertThat(verdict(with(request, 0, 0x80))).isEqualTo(RequestVerdict.NOT_STUN);
    assertThat(verdict(with(request, 4, 0))).isEqualTo(RequestVerdict.NOT_STUN);
    assertThat(verdict(with(request, 0, 1))).isEqualTo(RequestVerdict.NOT_A_BINDING_REQUEST);
    assertThat(verdict(Arrays.copyOf(request, 39))).isEqualTo(RequestVerdict.MALFORMED_ATTRIBUTES);
    assertThat(verdict(Arrays.copyOf(request, 41))).isEqualTo(RequestVerdict.MALFORMED_ATTRIBUTES);
    assertThat(verdict(Arrays.copyOf(request, 20))).isEqualTo(RequestVerdict.OTHER_SOFTWARE);
    assertThat(verdict(with(request, 24, 'T'))).isEqualTo(RequestVerdict.OTHER_SOFTWARE);
    assertThat(verdict(Arrays.copyOf(request, 32))).isEqualTo(RequestVerdict.NO_FINGERPRINT);
    assertThat(verdict(Arrays.copyOf(request, 44))).isEqualTo(RequestVerdict.NO_FINGERPRINT);
    assertThat(verdict(with(request, 8, 99))).isEqualTo(RequestVerdict.WRONG_FINGERPRINT);
  }

  @Test
  void aRequestInTheMiddleOfAnArrayIsReadThere() {
    byte[] request = BindingRequest.encode(TransactionId.random());
    byte[] around = new byte[100];
    Arrays.fill(around, (byte) 0x5A);
    System.arraycopy(request, 0, around, 33, request.length);
    assertThat(checker.check(around, 33, request.length)).isEqualTo(RequestVerdict.VALID);
    assertThat(checker.check(around, 33, request.length + 1)).isNotEqualTo(RequestVerdict.VALID);
    assertThatThrownBy(() -> checker.check(around, 90, 11))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private RequestVerdict verdict(byte[] datagram) {
    return checker.check(datagram, 0, datagram.length);
  }

  private static byte[] with(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    changed[at] = (byte) value;
    return changed;
  }
}
