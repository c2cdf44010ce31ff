package dev.derp4j.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/// What an operator would have read since this was made: our own lines from INFO up, and everybody
/// else's warnings, such as those of Netty about exceptions that nobody handled. Several may listen
/// at once; each hears of every relay of this process.
final class CapturedLog implements AutoCloseable {
  private final Logger ours = (Logger) LoggerFactory.getLogger("dev.derp4j");
  private final Logger others = (Logger) LoggerFactory.getLogger("io.netty");
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  CapturedLog() {
    appender.start();
    ours.setLevel(Level.INFO);
    ours.setAdditive(false);
    ours.addAppender(appender);
    others.addAppender(appender);
  }

  /// The lines so far.
  List<String> lines() {
    synchronized (appender) {
      return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
  }

  void clear() {
    synchronized (appender) {
      appender.list.clear();
    }
  }

  @Override
  public void close() {
    ours.detachAppender(appender);
    others.detachAppender(appender);
    if (!ours.iteratorForAppenders().hasNext()) {
      ours.setAdditive(true);
      ours.setLevel(null);
    }
  }
}
