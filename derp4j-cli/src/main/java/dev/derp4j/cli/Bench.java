package dev.derp4j.cli;

import dev.derp4j.bench.Main;
import java.util.List;

/// `derp4j bench …`: the load generator, for DERP servers of any make.
///
/// A class of its own, so that nothing of it is loaded when a relay is started.
final class Bench {
  private Bench() {}

  static int run(List<String> arguments) {
    return Main.run(arguments.toArray(String[]::new));
  }
}
