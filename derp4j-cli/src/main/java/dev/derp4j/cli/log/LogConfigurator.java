package dev.derp4j.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;

/// Sets Logback up in code, which spares the start the search for and the reading of files.
///
/// Quiet by default: what the relay has to say, and warnings of its libraries. With
/// `DERP_DEBUG_LOGS=1` in the environment also its debug lines, and stack traces.
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class LogConfigurator extends ContextAwareBase implements Configurator {
  private static final String DEBUG = "DERP_DEBUG_LOGS";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean debug = "1".equals(System.getenv(DEBUG)) || "true".equals(System.getenv(DEBUG));
    LogAppender appender = new LogAppender(new LogLine(debug), System.err);
    appender.setContext(context);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    context.getLogger("dev.derp4j").setLevel(debug ? Level.DEBUG : Level.INFO);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
