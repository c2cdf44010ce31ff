package dev.derp4j.cli;

import dev.derp4j.cli.flags.UsageException;
import java.util.List;

/// The command `derper`. Reads the command line; [DerperService] does the rest.
final class Derper {
  private Derper() {}

  /// Runs a relay until a signal stops it, and returns the process's exit status.
  static int run(List<String> arguments, Console console) {
    DerperFlags flags = new DerperFlags(console.environment());
    List<String> rest;
    try {
      rest = flags.set().parse(arguments);
    } catch (UsageException e) {
      if (!e.line().isEmpty()) {
        console.err().println(e.line());
      }
      console.err().print(flags.set().usage());
      return e.exitStatus();
    }
    if (flags.version.value()) {
      console.out().println(Version.line());
      return 0;
    }
    return new DerperService(flags, console).run(rest);
  }
}
