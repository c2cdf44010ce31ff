package dev.derp4j.bench.load.report;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that is watched while something is counted: server, generator, and the machine.
public final class Watch {
  private final ServerWatch server;
  private final GeneratorWatch generator;
  private double machineBusy;
  private long beganAt;

  /// @param loops the generator's event loops
  public Watch(ServerWatch server, List<EventLoop> loops) throws InterruptedException {
    this.server = server;
    this.generator = new GeneratorWatch(loops);
  }

  /// Counts from here.
  public void begin() throws IOException, InterruptedException {
    machineBusy = Machine.busySeconds();
    generator.begin();
    beganAt = System.nanoTime();
    server.begin();
  }

  /// What was seen since [#begin].
  ///
  /// @param spinning whether the generator's loops spin on purpose, so that their being busy means
  ///     nothing
  public Conditions end(boolean spinning) throws IOException, InterruptedException {
    ServerReport used = server.end();
    double seconds = (System.nanoTime() - beganAt) / 1e9;
    GeneratorReport own = generator.end(spinning);
    return Conditions.of(own, used, others(own, used, seconds));
  }

  private @Nullable Double others(
      GeneratorReport own, @Nullable ServerReport used, double seconds) {
    if (machineBusy < 0 || used == null) {
      return null;
    }
    double all = (Machine.busySeconds() - machineBusy - used.cpuSeconds()) / seconds;
    return Math.max(0, all - own.cpus());
  }
}
