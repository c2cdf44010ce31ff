package dev.derp4j.cli.flags;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The flags of one command: declared, then parsed once, then read through the [Flag]s.
///
/// The rules are those of Go's `flag` package. A flag has one hyphen or two; its value follows
/// behind `=` or in the next argument, whatever that looks like; a boolean has a value only behind
/// `=`. The first argument that is no flag ends the flags, and so does `--`. Of a flag given twice
/// the last one counts. Reading stops at the first mistake.
public final class FlagSet {
  private final String program;
  private final Map<String, Flag<?>> flags = new TreeMap<>();

  /// @param program the command's name in the usage text
  public FlagSet(String program) {
    this.program = program;
  }

  public Flag<Boolean> bool(String name, boolean defaultValue, String help) {
    return add(new Flag<>(name, FlagType.BOOL, defaultValue, help));
  }

  public Flag<String> string(String name, String defaultValue, String help) {
    return add(new Flag<>(name, FlagType.STRING, defaultValue, help));
  }

  public Flag<Long> integer(String name, long defaultValue, String help) {
    return add(new Flag<>(name, FlagType.INT, defaultValue, help));
  }

  public Flag<Double> decimal(String name, double defaultValue, String help) {
    return add(new Flag<>(name, FlagType.FLOAT, defaultValue, help));
  }

  public Flag<Duration> duration(String name, Duration defaultValue, String help) {
    return add(new Flag<>(name, FlagType.DURATION, defaultValue, help));
  }

  private <T> Flag<T> add(Flag<T> flag) {
    flags.put(flag.name(), flag);
    return flag;
  }

  /// Reads a command line, and returns the arguments behind the flags.
  ///
  /// @throws UsageException at the first mistake, or when help is asked for
  public List<String> parse(List<String> arguments) throws UsageException {
    int next = 0;
    while (next < arguments.size()) {
      String argument = arguments.get(next);
      if (argument.length() < 2 || argument.charAt(0) != '-') {
        break;
      }
      next++;
      if (argument.equals("--")) {
        break;
      }
      String body = argument.substring(argument.startsWith("--") ? 2 : 1);
      if (body.startsWith("-") || body.startsWith("=")) {
        throw UsageException.mistake("bad flag syntax: " + argument);
      }
      int equals = body.indexOf('=');
      Flag<?> flag = find(equals < 0 ? body : body.substring(0, equals));
      if (equals >= 0) {
        flag.read(body.substring(equals + 1));
      } else if (flag.standsAlone()) {
        flag.read("true");
      } else if (next < arguments.size()) {
        flag.read(arguments.get(next++));
      } else {
        throw UsageException.mistake("flag needs an argument: -" + flag.name());
      }
    }
    return List.copyOf(arguments.subList(next, arguments.size()));
  }

  private Flag<?> find(String name) throws UsageException {
    Flag<?> flag = flags.get(name);
    if (flag == null) {
      throw name.equals("h") || name.equals("help")
          ? UsageException.help()
          : UsageException.mistake("flag provided but not defined: -" + name);
    }
    return flag;
  }

  /// All flags in alphabetical order, laid out as Go's flag package does.
  public String usage() {
    StringBuilder text = new StringBuilder("Usage of ").append(program).append(":\n");
    flags.values().forEach(flag -> flag.appendUsage(text));
    return text.toString();
  }
}
