package dev.derp4j.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class LogLineTest {
  private static final Instant TIME = Instant.parse("2026-11-04T03:05:04.987Z");

  private static LoggingEvent event(
      String message, @Nullable Throwable thrown, Object... arguments) {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent(
            "here", context.getLogger("dev.derp4j"), Level.INFO, message, thrown, arguments);
    event.setInstant(TIME);
    return event;
  }

  private static String line(String message, Object... arguments) {
    return new LogLine(false, ZoneId.of("UTC")).format(event(message, null, arguments));
  }

  @Test
  void aLineHasGosDateAndTimeAndTheMessage() {
    assertThat(line("derper: serving on {}", ":443"))
        .isEqualTo("2026/11/04 03:05:04 derper: serving on :443\n");
  }

  @Test
  void theTimeIsLocal() {
    String line = new LogLine(false, ZoneId.of("Asia/Tokyo")).format(event("hello", null));
    assertThat(line).isEqualTo("2026/11/04 12:05:04 hello\n");
  }

  @ParameterizedTest
  @CsvSource({
    "10, n",
    "13, r",
    "0, x00",
    "27, x1b",
    "127, x7f",
    "0x85, u0085",
    "0x9b, u009b",
    "0x2028, u2028",
    "0x202e, u202e",
    "0x2066, u2066",
    "0xfeff, ufeff",
  })
  void aCharacterThatCouldForgeOrHideTextIsWrittenAsAnEscape(String code, String escape) {
    String hostile = "a" + Character.toString(Integer.decode(code)) + "b";
    assertThat(line("from {}", hostile)).isEqualTo("2026/11/04 03:05:04 from a\\" + escape + "b\n");
  }

  @Test
  void lettersOfAllLanguagesAndTabsStayAsTheyAre() {
    assertThat(line("é ж 漢 😀\tx")).endsWith(" é ж 漢 😀\tx\n");
  }

  @Test
  void anExceptionAddsItsNameAndMessageToTheLine() {
    Exception thrown = new IOException("reset\nby peer", new IllegalStateException("why"));
    assertThat(new LogLine(false, ZoneId.of("UTC")).format(event("derp: failed", thrown)))
        .isEqualTo(
            "2026/11/04 03:05:04 derp: failed: IOException: reset\\nby peer"
                + " <- IllegalStateException: why\n");
  }

  @Test
  void debugLogsAddStackTraces() {
    String line = new LogLine(true, ZoneId.of("UTC")).format(event("failed", new IOException()));
    assertThat(line).startsWith("2026/11/04 03:05:04 failed: IOException\n\tat dev.derp4j.cli.log");
  }

  @Test
  void anEventIsWrittenInUtf8WhateverTheLocale() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream latin = new PrintStream(bytes, true, StandardCharsets.US_ASCII);
    LogAppender appender = new LogAppender(new LogLine(false, ZoneId.of("UTC")), latin);
    appender.start();
    appender.doAppend(event("漢", null));
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("2026/11/04 03:05:04 漢\n");
  }
}
