package dev.derp4j.tls;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

final class AddressChoiceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // public addresses        | requested     | local          | served
        "-                         | -             | 198.51.100.1   | 198.51.100.1",
        "-                         | 198.51.100.1  | 198.51.100.1   | 198.51.100.1",
        "-                         | 198.51.100.2  | 198.51.100.1   | -",
        "-                         | -             | 10.0.0.5       | 10.0.0.5",
        "-                         | -             | ::ffff:192.0.2.1 | 192.0.2.1",
        "203.0.113.7               | -             | 10.0.0.5       | 203.0.113.7",
        "203.0.113.7               | -             | 100.64.1.1     | 203.0.113.7",
        "203.0.113.7               | 203.0.113.7   | 10.0.0.5       | 203.0.113.7",
        "203.0.113.7               | 10.0.0.5      | 10.0.0.5       | 10.0.0.5",
        "203.0.113.7               | 203.0.113.8   | 10.0.0.5       | -",
        "203.0.113.7               | -             | 198.51.100.1   | 198.51.100.1",
        "203.0.113.7 203.0.113.8   | 203.0.113.8   | 10.0.0.5       | 203.0.113.8",
        "203.0.113.7               | -             | fd00::5        | fd00::5",
        "203.0.113.7 2001:db8::7   | -             | fd00::5        | 2001:db8::7",
      })
  void the_certificate_is_that_of_an_address_of_ours(
      String publicOnes, String requested, String local, String served) {
    AddressChoice choice =
        new AddressChoice(
            Arrays.stream(publicOnes == null ? new String[0] : publicOnes.split(" "))
                .map(InetAddress::ofLiteral)
                .toList());
    assertThat(
            choice.choose(
                Optional.ofNullable(requested).map(InetAddress::ofLiteral),
                InetAddress.ofLiteral(local)))
        .isEqualTo(Optional.ofNullable(served).map(InetAddress::ofLiteral));
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8::1, 2001:db8::1",
    "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "::, ::",
    "::1, ::1",
    "fe80::, fe80::",
    "1:0:3:4:5:6:7:8, 1:0:3:4:5:6:7:8",
    "1:0:0:4:0:0:0:8, 1:0:0:4::8",
    "203.0.113.7, 203.0.113.7"
  })
  void addresses_are_written_as_go_programs_name_their_files(String address, String text) {
    assertThat(Rfc5952.text(InetAddress.ofLiteral(address))).isEqualTo(text);
  }
}
