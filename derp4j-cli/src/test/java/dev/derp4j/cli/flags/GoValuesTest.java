package dev.derp4j.cli.flags;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Expectations are what a program with Go's `flag` package (Go 1.26) made of the same texts.
class GoValuesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0s",
    "-0, 0, 0s",
    "1h30m, 5400000000000, 1h30m0s",
    "1.5s, 1500000000, 1.5s",
    "300ms, 300000000, 300ms",
    "2us, 2000, 2µs",
    "2µs, 2000, 2µs",
    "2μs, 2000, 2µs",
    "1500us, 1500000, 1.5ms",
    "100ns, 100, 100ns",
    "-3s, -3000000000, -3s",
    "+3s, 3000000000, 3s",
    ".5s, 500000000, 500ms",
    "5.s, 5000000000, 5s",
    "61s, 61000000000, 1m1s",
    "3600s, 3600000000000, 1h0m0s",
    "1.5h0.5m, 5430000000000, 1h30m30s",
    "0.0000000019s, 1, 1ns",
    "9223372036s, 9223372036000000000, 2562047h47m16s",
  })
  void durationsAreReadAndShownAsInGo(String text, long nanos, String shown) {
    Duration duration = GoDuration.parse(text);
    assertThat(duration).isEqualTo(Duration.ofNanos(nanos));
    assertThat(GoDuration.format(duration)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "5",
        "s",
        "1s2",
        "1h 2m",
        "1e3s",
        "00",
        "1d",
        "0x1s",
        "1_0s",
        "9223372037s",
        ".s"
      })
  void whatGoCallsNoDurationIsNone(String text) {
    assertThatThrownBy(() -> GoDuration.parse(text))
        .isInstanceOf(BadValueException.class)
        .hasMessage("parse error");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-7, -7",
    "+7, 7",
    "0x10, 16",
    "0X1f, 31",
    "0b101, 5",
    "0o17, 15",
    "017, 15",
    "1_000, 1000",
    "0x_1, 1",
    "0_7, 7",
    "9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -9223372036854775808",
  })
  void integersAreReadAsInGo(String text, long value) {
    assertThat(GoNumber.parseInt(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "'', parse error",
    "abc, parse error",
    "08, parse error",
    "0x, parse error",
    "_1, parse error",
    "1_, parse error",
    "1__0, parse error",
    "1.0, parse error",
    "' 1', parse error",
    "٣, parse error",
    "9223372036854775808, value out of range",
    "-9223372036854775809, value out of range",
  })
  void whatGoCallsNoIntegerIsNone(String text, String reason) {
    assertThatThrownBy(() -> GoNumber.parseInt(text))
        .isInstanceOf(BadValueException.class)
        .hasMessage(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1.5, 1.5",
    "-1e3, -1000",
    "inf, +Inf",
    "+Inf, +Inf",
    "-infinity, -Inf",
    "NaN, NaN",
    "0x1p-2, 0.25",
    "1., 1",
    ".5, 0.5",
    "1_0, 10",
    "1e-999, 0",
  })
  void decimalsAreReadAndShownAsInGo(String text, String shown) {
    assertThat(GoNumber.format(GoNumber.parseFloat(text))).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "'', parse error",
    "., parse error",
    "1d, parse error",
    "1f, parse error",
    "0x1, parse error",
    "' 1', parse error",
    "1e999, value out of range",
  })
  void whatGoCallsNoDecimalIsNone(String text, String reason) {
    assertThatThrownBy(() -> GoNumber.parseFloat(text))
        .isInstanceOf(BadValueException.class)
        .hasMessage(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "1, true", "t, true", "T, true", "TRUE, true", "true, true", "True, true",
    "0, false", "f, false", "F, false", "FALSE, false", "false, false", "False, false",
  })
  void truthValuesAreReadAsInGo(String text, boolean value) {
    assertThat(GoBool.parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yes", "tRUE", "2"})
  void whatGoCallsNoTruthValueIsNone(String text) {
    assertThatThrownBy(() -> GoBool.parse(text)).isInstanceOf(BadValueException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "abc | \"abc\"",
        "a\"b\\c | \"a\\\"b\\\\c\"",
        "é😀 | \"é😀\"",
      })
  void textIsQuotedAsInGo(String text, String quoted) {
    assertThat(GoText.quote(text)).isEqualTo(quoted);
  }

  @ParameterizedTest
  @CsvSource({
    "27, x1b",
    "7, x07",
    "10, n",
    "13, r",
    "9, t",
    "0x202e, u202e",
    "0xa0, u00a0",
    "0x2028, u2028",
  })
  void invisibleCharactersAreQuotedAsEscapes(String code, String escape) {
    assertThat(GoText.quote(Character.toString(Integer.decode(code))))
        .isEqualTo("\"\\" + escape + "\"");
  }
}
