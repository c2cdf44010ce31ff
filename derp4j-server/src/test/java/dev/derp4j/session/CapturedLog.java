package dev.derp4j.session;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/// What the relay says of its connections while a test runs, as an operator would see it.
final class CapturedLog implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger(ConnectionLog.class);
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();

  CapturedLog() {
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    said.start();
    logger.addAppender(said);
  }

  List<String> lines() {
    return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(said);
    logger.setLevel(null);
    logger.setAdditive(true);
  }
}
