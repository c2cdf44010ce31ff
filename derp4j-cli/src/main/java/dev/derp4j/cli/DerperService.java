package dev.derp4j.cli;

import dev.derp4j.cli.flags.GoText;
import dev.derp4j.server.DerpRelay;
import dev.derp4j.server.RelayConfig;
import dev.derp4j.server.RelayStartException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A relay's life as a process: configured, started, stopped by a signal.
final class DerperService {
  private static final Logger log = LoggerFactory.getLogger(DerperService.class);

  private final DerperFlags flags;
  private final Console console;

  DerperService(DerperFlags flags, Console console) {
    this.flags = flags;
    this.console = console;
  }

  /// @param ignored arguments behind the flags. The original takes no notice of them, and neither
  ///     must a start fail over them here, but a flag among them is most likely a mistake
  int run(List<String> ignored) {
    for (String argument : ignored) {
      log.warn("derper: ignoring the argument {} behind the flags", GoText.quote(argument));
    }
    // From here on a signal is not lost: one that comes while the relay starts stops it then.
    ProcessSignals signals = ProcessSignals.install();
    try {
      RelayConfig config = new DerperSetup(flags, console.environment()).configure();
      DerpRelay relay = DerpRelay.start(config);
      signals.onReload(
          () -> {
            log.info("derper: received SIGHUP, {}", whatIsRead(config));
            relay.reload();
          });
      log.info("derper: running on {}", relay.transportDescription());
      if (config.dev()) {
        console.err().print(DevGuide.of(config, relay));
      }
      log.info("derper: {}: stopping", signals.await());
      relay.stop(config.drainTime());
      return 0;
    } catch (StartException e) {
      return failed(e.line());
    } catch (RelayStartException e) {
      return failed(String.valueOf(e.getMessage()));
    }
  }

  /// The line that operators of the original look for, where it would say it.
  private static String whatIsRead(RelayConfig config) {
    return config
        .limits()
        .rateFile()
        .map(file -> "reloading rate config from " + file)
        .orElse("reading again what can be");
  }

  private static int failed(String line) {
    log.error("derper: {}", line);
    return 1;
  }
}
