package dev.derp4j.cli.flags;

/// One flag of a [FlagSet] and, once that has parsed, its value.
///
/// @param <T> the type of its value
public final class Flag<T> {
  private final String name;
  private final FlagType<T> type;
  private final T defaultValue;
  private final String help;
  private T value;
  private boolean given;

  Flag(String name, FlagType<T> type, T defaultValue, String help) {
    this.name = name;
    this.type = type;
    this.defaultValue = defaultValue;
    this.help = help;
    this.value = defaultValue;
  }

  /// The name without its hyphen.
  public String name() {
    return name;
  }

  /// What was given last, else the default.
  public T value() {
    return value;
  }

  /// Whether the command line has it, be it with the default's value.
  public boolean given() {
    return given;
  }

  /// Whether its value is another than when it is not given.
  public boolean changed() {
    return !value.equals(defaultValue);
  }

  /// Whether the name alone, without a value, means true.
  boolean standsAlone() {
    return type.word().isEmpty();
  }

  /// Takes its value from the command line.
  void read(String text) throws UsageException {
    try {
      value = type.read().apply(text);
      given = true;
    } catch (BadValueException e) {
      String what =
          standsAlone() ? "invalid boolean value %s for -%s" : "invalid value %s for flag -%s";
      throw UsageException.mistake(
          what.formatted(GoText.quote(text), name) + ": " + e.getMessage());
    }
  }

  void appendUsage(StringBuilder text) {
    text.append("  -").append(name);
    if (!standsAlone()) {
      text.append(' ').append(type.word());
    }
    text.append("\n    \t").append(help);
    if (!defaultValue.equals(type.zero())) {
      text.append(" (default ").append(type.show().apply(defaultValue)).append(')');
    }
    text.append('\n');
  }
}
