package dev.derp4j.cli;

import dev.derp4j.cli.flags.GoText;
import java.io.PrintStream;
import java.util.List;

/// The one entry that holds all commands: `derp4j <command> [flags]`.
public final class Derp4j {
  private Derp4j() {}

  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), new Console(System.out, System.err, System.getenv())));
  }

  /// Runs one command and returns the process's exit status.
  static int run(List<String> arguments, Console console) {
    if (arguments.isEmpty()) {
      list(console.out());
      return 0;
    }
    List<String> rest = arguments.subList(1, arguments.size());
    String word = arguments.getFirst();
    return switch (word) {
      case "derper" -> Derper.run(rest, console);
      case "bench" -> Bench.run(rest);
      // For the launcher, not for people: so it is not in the list.
      case "rehearse" -> Rehearsal.run(console);
      case "help", "-h", "-help", "--help" -> {
        list(console.out());
        yield 0;
      }
      case "version", "-version", "--version" -> {
        console.out().println(Version.line());
        yield 0;
      }
      default -> {
        console.err().println("derp4j: no such command: " + GoText.quote(word));
        list(console.err());
        yield 2;
      }
    };
  }

  private static void list(PrintStream out) {
    out.print(
        """
        Usage: derp4j <command> [flags]
          derper   run a DERP relay with STUN
          bench    load a DERP server of yours, and measure it
        derp4j <command> -h lists the flags of a command.
        """);
  }
}
