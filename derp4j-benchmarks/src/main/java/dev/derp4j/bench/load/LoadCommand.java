package dev.derp4j.bench.load;

import picocli.CommandLine.Command;

/// `load`: makes load on a server; the modes are sub-commands.
@Command(
    name = "load",
    description = "Makes load on a DERP server and reports what came of it.",
    subcommands = {
      ClosedCommand.class,
      OpenCommand.class,
      DelayCommand.class,
      IdleCommand.class,
      StormCommand.class
    },
    mixinStandardHelpOptions = true)
public final class LoadCommand {}
