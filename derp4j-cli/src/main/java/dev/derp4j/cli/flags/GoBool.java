package dev.derp4j.cli.flags;

/// Truth values as Go's `strconv.ParseBool` accepts them.
final class GoBool {
  private GoBool() {}

  static boolean parse(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw BadValueException.malformed();
    };
  }
}
