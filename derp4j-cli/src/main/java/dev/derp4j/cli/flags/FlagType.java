package dev.derp4j.cli.flags;

import java.time.Duration;
import java.util.function.Function;

/// The kinds of value that a flag can have: how they are read, and how a default is shown.
///
/// @param word stands for the value in the usage text; empty where a flag stands alone
/// @param zero the value that needs no mention as a default
/// @param read turns text into a value, or throws [BadValueException]
/// @param show turns a default into text
/// @param <T> the type of the values
record FlagType<T>(String word, T zero, Function<String, T> read, Function<T, String> show) {

  static final FlagType<Boolean> BOOL = new FlagType<>("", false, GoBool::parse, String::valueOf);
  static final FlagType<String> STRING = new FlagType<>("string", "", text -> text, GoText::quote);
  static final FlagType<Long> INT = new FlagType<>("int", 0L, GoNumber::parseInt, String::valueOf);
  static final FlagType<Double> FLOAT =
      new FlagType<>("float", 0.0, GoNumber::parseFloat, GoNumber::format);
  static final FlagType<Duration> DURATION =
      new FlagType<>("duration", Duration.ZERO, GoDuration::parse, GoDuration::format);
}
