package dev.derp4j.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// Writes each event in one call, so that lines of several threads never mix.
///
/// Always UTF-8: under a service manager the locale is often "C", in which a JVM would turn every
/// other letter into a question mark.
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private final LogLine line;
  private final PrintStream out;

  LogAppender(LogLine line, PrintStream out) {
    this.line = line;
    this.out = out;
  }

  @Override
  protected void append(ILoggingEvent event) {
    byte[] bytes = line.format(event).getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }
}
