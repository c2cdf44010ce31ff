package dev.derp4j.metrics;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class GoNumbersTest {
  /// The right column is what Go 1.26 prints for the left one with `%v`.
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "-1.5, -1.5",
    "100, 100",
    "123456, 123456",
    "999999.5, 999999.5",
    "1234567, 1.234567e+06",
    "1e6, 1e+06",
    "1e21, 1e+21",
    "1.7276928e7, 1.7276928e+07",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "3.5943e-5, 3.5943e-05",
    "-2e-300, -2e-300",
    "NaN, NaN",
    "Infinity, +Inf",
    "-Infinity, -Inf"
  })
  void numbersArePrintedAsGoPrintsThem(double number, String text) {
    assertThat(GoNumbers.format(number)).isEqualTo(text);
  }
}
