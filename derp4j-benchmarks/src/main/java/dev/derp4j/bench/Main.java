package dev.derp4j.bench;

import dev.derp4j.bench.compare.CompareCommand;
import dev.derp4j.bench.load.LoadCommand;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The entry point: `java -cp … dev.derp4j.bench.Main load …`.
@Command(
    name = "bench",
    description = "Measures DERP servers.",
    subcommands = {LoadCommand.class, CompareCommand.class},
    mixinStandardHelpOptions = true)
public final class Main {
  private Main() {}

  /// Runs the command that the arguments name and exits with its status.
  public static void main(String[] arguments) {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    System.exit(commandLine().execute(arguments));
  }

  /// The commands, for [#main] and for those who offer them under another name.
  public static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(
            (failure, command, arguments) -> {
              if (failure instanceof IOException || failure instanceof IllegalArgumentException) {
                command.getErr().println("bench: " + failure.getMessage());
                return 1;
              }
              throw failure;
            });
  }
}
