package dev.derp4j.bench.load;

import picocli.CommandLine.Command;

/// `load`: makes load on a server; the modes are sub-commands.
@Command(
    name = "load",
    description = "Makes load on a DERP server and reports what came of it.",
    footer = {"", "Load your own servers only: on somebody else's it is an attack."},
    subcommands = {
      ClosedCommand.class,
      OpenCommand.class,
      LadderCommand.class,
      DelayCommand.class,
      BesideCommand.class,
      IdleCommand.class,
      StormCommand.class,
      StunCommand.class,
      StartCommand.class
    },
    mixinStandardHelpOptions = true)
public final class LoadCommand {}
