package dev.derp4j.stun;

import java.net.Inet4Address;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BindingAnswerTest {
  @Test
  void answersAreTheOriginalsByteForByte() {
    List<String[]> recorded = Recorded.lines("answers.txt");
    assertThat(recorded).hasSize(7);
    for (String[] line : recorded) {
      byte[] address = Recorded.address(line[1], line[2]).getAddress().getAddress();
      byte[] answer = written(Recorded.id(line[0]), address, Integer.parseInt(line[2]));
      assertThat(answer).isEqualTo(Recorded.bytes(line[3]));
    }
  }

  @Test
  void theClientReadsAndRefusesWhatTheOriginalDoes() throws StunFormatException {
    int accepted = 0;
    for (String[] line : Recorded.lines("judged-answers.txt")) {
      byte[] datagram = line.length < 2 ? new byte[0] : Recorded.bytes(line[line.length - 1]);
      if (line[0].equals("refuse")) {
        assertThatThrownBy(() -> BindingAnswer.parse(datagram, 0, datagram.length))
            .as(String.join(" ", line))
            .isInstanceOf(StunFormatException.class);
        continue;
      }
      accepted++;
      assertThat(BindingAnswer.parse(datagram, 0, datagram.length))
          .isEqualTo(new BindingAnswer(Recorded.id(line[1]), Recorded.address(line[2], line[3])));
    }
    assertThat(accepted).isGreaterThan(15);
  }

  @Test
  void anIpv4ClientOfADualStackSocketIsAnsweredAsIpv4() throws StunFormatException {
    TransactionId id = TransactionId.random();
    byte[] mapped = HexFormat.of().parseHex("00000000000000000000ffffc0000221");
    byte[] answer = written(id, mapped, 41641);
    assertThat(answer).isEqualTo(written(id, new byte[] {(byte) 192, 0, 2, 33}, 41641));
    assertThat(answer).hasSize(BindingAnswer.IPV4_LENGTH);
    assertThat(BindingAnswer.parse(answer, 0, answer.length))
        .isEqualTo(new BindingAnswer(id, Recorded.address("192.0.2.33", "41641")));
  }

  @Test
  void theMappedFormOfOlderServersIsReadAsIpv4() throws StunFormatException {
    byte[] answer =
        Recorded.bytes(
            "010100182112a442000102030405060708090a0b" // header
                + "00200014000283bb2112a442000102030405f9f8c809082a"); // family 2, 16 bytes
    BindingAnswer read = BindingAnswer.parse(answer, 0, answer.length);
    assertThat(read.mapped()).isEqualTo(Recorded.address("192.0.2.33", "41641"));
    assertThat(read.mapped().getAddress()).isInstanceOf(Inet4Address.class);
  }

  @Test
  void addressesThatOnlyLookMappedStayIpv6() {
    byte[] almost = HexFormat.of().parseHex("00000000000000010000ffffc0000221");
    assertThat(written(TransactionId.random(), almost, 1)).hasSize(BindingAnswer.IPV6_LENGTH);
    byte[] compatible = HexFormat.of().parseHex("000000000000000000000000c0000221");
    assertThat(written(TransactionId.random(), compatible, 1)).hasSize(BindingAnswer.IPV6_LENGTH);
  }

  @Test
  void anAnswerIsReadWhereItLiesInAnArray() throws StunFormatException {
    TransactionId id = TransactionId.random();
    byte[] answer = written(id, new byte[] {1, 2, 3, 4}, 5);
    byte[] around = new byte[77];
    System.arraycopy(answer, 0, around, 13, answer.length);
    assertThat(BindingAnswer.parse(around, 13, answer.length))
        .isEqualTo(new BindingAnswer(id, Recorded.address("1.2.3.4", "5")));
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] answer = written(TransactionId.random(), new byte[16], 5);
    for (int length = 0; length < answer.length; length++) {
      byte[] cut = Arrays.copyOf(answer, length);
      assertThatThrownBy(() -> BindingAnswer.parse(cut, 0, cut.length))
          .isInstanceOf(StunFormatException.class);
    }
  }

  @Test
  void addressesOfOtherLengthsAreAProgrammingError() {
    assertThatThrownBy(() -> written(TransactionId.random(), new byte[8], 5))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] written(TransactionId id, byte[] address, int port) {
    byte[] request = new byte[50];
    System.arraycopy(BindingRequest.encode(id), 0, request, 3, BindingRequest.LENGTH);
    byte[] out = new byte[BindingAnswer.IPV6_LENGTH];
    int length = BindingAnswer.write(request, 3, address, address.length, port, out);
    return Arrays.copyOf(out, length);
  }
}
