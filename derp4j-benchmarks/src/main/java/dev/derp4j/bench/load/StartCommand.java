package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Conditions;
import dev.derp4j.bench.load.report.Memory;
import dev.derp4j.bench.load.report.ReportBuilder;
import dev.derp4j.bench.load.report.ServerProcess;
import dev.derp4j.bench.load.report.ServerWatch;
import dev.derp4j.bench.load.report.StartReport;
import dev.derp4j.bench.load.report.Watch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `load start`: how long a server takes from its start to its first answer, and what it weighs
/// then.
@Command(
    name = "start",
    description =
        "Starts a server several times; reports the time until its first HTTPS answer, and its"
            + " memory without clients.",
    mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
  @Mixin MeasuredOptions target = new MeasuredOptions();

  @Option(names = "--plain", description = "Ask over plain HTTP instead of TLS.")
  boolean plain;

  @Option(
      names = "--command",
      required = true,
      paramLabel = "COMMAND",
      description =
          "Shell command that becomes the server, as in `exec derper -a :443 …`; it is ended by"
              + " SIGTERM.")
  String command = "";

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "Where the server's output goes; nowhere by default.")
  @Nullable Path log;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "What to ask for. Default: ${DEFAULT-VALUE}.")
  String path = "/derp/probe";

  @Option(
      names = "--starts",
      paramLabel = "N",
      description =
          "Starts to count; one more goes before, that fills the system's caches."
              + " Default: ${DEFAULT-VALUE}.")
  int starts = 5;

  @Option(
      names = "--await",
      paramLabel = "SECONDS",
      description = "How long a start may take. Default: ${DEFAULT-VALUE}.")
  int await = 30;

  @Option(
      names = "--rest",
      paramLabel = "SECONDS",
      description = "From the first answer to the reading of memory. Default: ${DEFAULT-VALUE}.")
  int rest = 3;

  @Override
  public Integer call() throws Exception {
    Check.between("--starts", starts, 1, 1000);
    Check.atLeast("--await", await, 1);
    Check.atLeast("--rest", rest, 0);
    InetSocketAddress address = target.address("--server", target.server);
    FirstAnswer first = new FirstAnswer(address, !plain, path);
    if (first.isTaken()) {
      throw new IOException("somebody listens at " + target.server + " already");
    }
    List<Double> millis = new ArrayList<>();
    Memory memory = null;
    Watch watch = new Watch(new ServerWatch(List.of(), ""), List.of());
    watch.begin();
    long beganAt = System.nanoTime();
    for (int i = 0; i <= starts; i++) {
      long startedAt = System.nanoTime();
      Process server = start();
      try {
        first.await(server, startedAt + TimeUnit.SECONDS.toNanos(await));
        double took = (System.nanoTime() - startedAt) / 1e6;
        if (i > 0) {
          millis.add(took);
        }
        if (i == starts) {
          TimeUnit.SECONDS.sleep(rest);
          memory = new ServerProcess(server.pid()).memory();
        }
      } finally {
        stop(server);
      }
    }
    Conditions conditions = watch.end(false);
    Collections.sort(millis);
    Map<String, Object> settings = target.settings();
    settings.put("command", command);
    settings.put("path", path);
    settings.put("starts", starts);
    settings.put("rest", rest);
    return Outcome.of(
        new ReportBuilder("start", settings, (System.nanoTime() - beganAt) / 1e9, conditions)
            .start(
                new StartReport(
                    starts,
                    median(millis),
                    millis.getFirst(),
                    millis.getLast(),
                    Objects.requireNonNull(memory)))
            .build(),
        target.json);
  }

  private static double median(List<Double> sorted) {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
    builder.redirectOutput(
        log == null
            ? ProcessBuilder.Redirect.DISCARD
            : ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  private static void stop(Process server) throws InterruptedException {
    server.destroy();
    if (!server.waitFor(10, TimeUnit.SECONDS)) {
      server.destroyForcibly().waitFor();
    }
  }
}
