package dev.derp4j.bench;

import dev.derp4j.bench.compare.CompareCommand;
import dev.derp4j.bench.compare.DocumentCommand;
import dev.derp4j.bench.load.LoadCommand;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// The entry point: `java -cp … dev.derp4j.bench.Main load …`, or `derp4j bench load …`.
@Command(
    name = "derp4j bench",
    description = "Measures DERP servers.",
    footer = {"", "Load your own servers only: on somebody else's it is an attack."},
    subcommands = {LoadCommand.class, CompareCommand.class, DocumentCommand.class},
    mixinStandardHelpOptions = true)
public final class Main {
  private Main() {}

  /// Runs the command that the arguments name and exits with its status.
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /// Runs the command that the arguments name: 0 if all went well, 1 if not, 2 if there is no such
  /// command or option.
  public static int run(String... arguments) {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    return commandLine().execute(arguments);
  }

  /// The commands, with errors as one line each.
  public static CommandLine commandLine() {
    CommandLine commands = new CommandLine(new Main());
    commands.setExecutionExceptionHandler(
        (failure, command, arguments) -> {
          if (failure instanceof IOException || failure instanceof IllegalArgumentException) {
            command.getErr().println("bench: " + failure.getMessage());
            return 1;
          }
          throw failure;
        });
    commands.setParameterExceptionHandler(Main::misused);
    withoutVersion(commands);
    return commands;
  }

  /// `derp4j version` tells it for all commands.
  private static void withoutVersion(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    spec.remove(spec.findOption("--version"));
    command.getSubcommands().values().forEach(Main::withoutVersion);
  }

  private static int misused(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("bench: " + failure.getMessage() + " (see: " + name + " --help)");
    return CommandLine.ExitCode.USAGE;
  }
}
