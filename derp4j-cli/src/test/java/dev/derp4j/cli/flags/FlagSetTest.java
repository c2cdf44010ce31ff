package dev.derp4j.cli.flags;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/// Expectations are what a program with Go's `flag` package (Go 1.26) made of the same arguments.
class FlagSetTest {
  private final FlagSet set = new FlagSet("prog");
  private final Flag<Boolean> bool = set.bool("b", false, "a switch");
  private final Flag<Long> integer = set.integer("int", 7, "a number");
  private final Flag<String> string = set.string("s", "", "a text");

  private List<String> parse(String... arguments) throws UsageException {
    return set.parse(List.of(arguments));
  }

  private UsageException mistake(String... arguments) {
    return catchThrowableOfType(UsageException.class, () -> parse(arguments));
  }

  @Test
  void withoutArgumentsEveryFlagHasItsDefault() throws UsageException {
    assertThat(parse()).isEmpty();
    assertThat(bool.value()).isFalse();
    assertThat(integer.value()).isEqualTo(7);
    assertThat(string.value()).isEmpty();
    assertThat(integer.given()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-int=3", "--int=3", "-int 3", "--int 3", "-int 1 -int=3", "-int 0x3"})
  void aValueStandsBehindAnEqualsSignOrInTheNextArgumentAndTheLastOneWins(String line)
      throws UsageException {
    assertThat(parse(line.split(" "))).isEmpty();
    assertThat(integer.value()).isEqualTo(3);
    assertThat(integer.given()).isTrue();
    assertThat(integer.changed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"-b, true", "--b, true", "-b=f, false", "--b=FALSE, false", "-b=1, true"})
  void aSwitchStandsAloneOrHasItsValueBehindAnEqualsSign(String argument, boolean value)
      throws UsageException {
    parse(argument);
    assertThat(bool.value()).isEqualTo(value);
  }

  @Test
  void aSwitchLeavesTheNextArgumentAlone() throws UsageException {
    assertThat(parse("-b", "false", "-int", "9")).containsExactly("false", "-int", "9");
    assertThat(bool.value()).isTrue();
    assertThat(integer.value()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({"'-b,x,-int,9', 'x,-int,9'", "'-b,--,-int', '-int'", "'-b,-,-int', '-,-int'"})
  void theFirstArgumentThatIsNoFlagEndsTheFlags(String line, String rest) throws UsageException {
    assertThat(parse(line.split(","))).isEqualTo(Arrays.asList(rest.split(",")));
    assertThat(bool.value()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b", "--", "", "=", "a=b", "\"quoted\"", "@file", "${HOME}", "-s=x"})
  void aTextIsTakenLiterally(String text) throws UsageException {
    parse("-s", text);
    assertThat(string.value()).isEqualTo(text);
    parse("-s=" + text);
    assertThat(string.value()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "-nope, flag provided but not defined: -nope",
    "--nope=3, flag provided but not defined: -nope",
    "-bint, flag provided but not defined: -bint",
    "-in=3, flag provided but not defined: -in",
    "-int, flag needs an argument: -int",
    "---int=3, bad flag syntax: ---int=3",
    "--=3, bad flag syntax: --=3",
    "-int=abc, 'invalid value \"abc\" for flag -int: parse error'",
    "-int=99999999999999999999, "
        + "'invalid value \"99999999999999999999\" for flag -int: value out of range'",
    "-b=maybe, 'invalid boolean value \"maybe\" for -b: parse error'",
    "-b=, 'invalid boolean value \"\" for -b: parse error'",
    "-int -b, 'invalid value \"-b\" for flag -int: parse error'",
    "-int=abc -nope, 'invalid value \"abc\" for flag -int: parse error'",
    "-nope -int=abc, flag provided but not defined: -nope",
    "-int=abc -h, 'invalid value \"abc\" for flag -int: parse error'",
  })
  void theFirstMistakeIsReportedInGosWords(String line, String expected) {
    UsageException mistake = mistake(line.split(" "));
    assertThat(mistake.line()).isEqualTo(expected);
    assertThat(mistake.exitStatus()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-h", "--help", "-help", "-h=3", "-b -h"})
  void askingForHelpIsNoMistake(String line) {
    UsageException help = mistake(line.split(" "));
    assertThat(help.line()).isEmpty();
    assertThat(help.exitStatus()).isZero();
  }

  @Test
  void helpBehindTheFlagsIsNotAsked() throws UsageException {
    assertThat(parse("x", "-h")).containsExactly("x", "-h");
    assertThat(parse("-s", "-h")).isEmpty();
  }

  @Test
  void theUsageTextHasGosLayout() {
    FlagSet all = new FlagSet("prog");
    all.string("zone", "a \"b\"", "a text");
    all.string("empty", "", "an empty text");
    all.bool("off", false, "a switch");
    all.bool("on", true, "another");
    all.integer("n", 3, "a number");
    all.decimal("rate", Double.POSITIVE_INFINITY, "a rate");
    all.duration("wait", Duration.ofMinutes(10), "a time");
    all.duration("none", Duration.ZERO, "no time");
    assertThat(all.usage())
        .isEqualTo(
            """
            Usage of prog:
              -empty string
                \tan empty text
              -n int
                \ta number (default 3)
              -none duration
                \tno time
              -off
                \ta switch
              -on
                \tanother (default true)
              -rate float
                \ta rate (default +Inf)
              -wait duration
                \ta time (default 10m0s)
              -zone string
                \ta text (default "a \\"b\\"")
            """);
  }
}
