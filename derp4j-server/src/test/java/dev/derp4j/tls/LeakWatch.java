package dev.derp4j.tls;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.WeakReference;
import java.util.List;
import org.slf4j.LoggerFactory;

/// Listens for what Netty's leak detector says while a test runs.
final class LeakWatch implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();

  LeakWatch() {
    said.start();
    logger.addAppender(said);
  }

  /// Everything reported so far.
  ///
  /// @param makeOneMore makes another object of the kind in question: that is when the detector
  ///     looks
  List<String> reports(Runnable makeOneMore) {
    WeakReference<Object> marker = new WeakReference<>(new Object());
    while (marker.get() != null) {
      System.gc();
    }
    makeOneMore.run();
    return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(said);
  }
}
