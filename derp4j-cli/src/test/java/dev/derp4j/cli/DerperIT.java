package dev.derp4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/// Runs `derper` as an operator does: the launcher, the packaged jars, a process of its own.
@Timeout(120)
class DerperIT {
  private static final String LOG = "[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} ";

  @TempDir Path directory;

  private final List<Process> started = new ArrayList<>();

  private record Result(int status, String out, String err) {}

  @AfterEach
  void endWhatIsLeft() {
    started.forEach(Process::destroyForcibly);
  }

  private Process start(String... arguments) throws IOException {
    return startOf("derper", arguments);
  }

  private Process startOf(String launcher, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of("..", launcher).toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(TS|DERP|TAILSCALE|JAVA|JDK)_.*|DERP.*"));
    environment.put("DERP4J_JAVA_HOME", System.getProperty("java.home"));
    environment.put("HOME", directory.toString());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private Result run(String... arguments) throws IOException, InterruptedException {
    return await(start(arguments));
  }

  private static Result await(Process process) throws IOException, InterruptedException {
    String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Result(process.waitFor(), out, err);
  }

  /// Reads the log up to the first line that has the text, and returns that line.
  private static String awaitLine(BufferedReader log, String text) throws IOException {
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("the log ended without \"" + text + "\"");
  }

  private String keyFile() {
    return directory.resolve("derper.key").toString();
  }

  @Test
  void theVersionIsPrinted() throws Exception {
    Result result = run("-version");
    assertThat(result.status()).isZero();
    assertThat(result.out()).matches("[0-9]+\\.[0-9]+\\.[0-9]+\\S* derp4j, Java 2[5-9].*\n");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void helpGoesToStandardErrorAndIsNoFailure() throws Exception {
    Result result = run("-h");
    assertThat(result.status()).isZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("Usage of derper:\n  -a string\n    \t");
  }

  @ParameterizedTest
  @CsvSource({
    "-nope, flag provided but not defined: -nope",
    "-a, flag needs an argument: -a",
    "-stun-port=abc, 'invalid value \"abc\" for flag -stun-port: parse error'",
    "-tcp-write-timeout=5, 'invalid value \"5\" for flag -tcp-write-timeout: parse error'",
    "-stun=maybe, 'invalid boolean value \"maybe\" for -stun: parse error'",
  })
  void aMistakeInTheFlagsIsNamedAboveTheUsageAndEndsWithStatus2(String argument, String line)
      throws Exception {
    Result result = run(argument);
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith(line + "\nUsage of derper:\n");
  }

  @ParameterizedTest
  @CsvSource({
    "-mesh-with=a, -mesh-with requires -mesh-psk-file",
    "-a=8080, 'invalid listen address \"8080\": missing port'",
    "-mesh-psk-file=/no/such, cannot read mesh key file /no/such: no such file or directory",
    "-c=/dev/null/derper.key, cannot read key file /dev/null/derper.key: not a directory",
    "-c=/proc, cannot read key file /proc: is a directory",
    "-home=elsewhere, unknown home value \"elsewhere\"",
  })
  void whatCannotWorkEndsTheStartWithOneLineAndStatus1(String argument, String line)
      throws Exception {
    Result result = run("-a=127.0.0.1:0", "-stun=false", "-c=" + keyFile(), argument);
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).matches(LOG + Pattern.quote("derper: " + line) + "\n");
  }

  @Test
  void aPortInUseEndsTheStartWithOneLineAndStatus1() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String listen = "127.0.0.1:" + taken.getLocalPort();
      Result result = run("-dev", "-a", listen, "-stun=false");
      assertThat(result.status()).isEqualTo(1);
      assertThat(result.err())
          .as("the mesh key's line and one more")
          .hasLineCount(2)
          .contains(" derper: ")
          .contains(listen);
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM", "INT"})
  void aSignalStopsTheRelayGracefullyWithStatus0(String signal) throws Exception {
    Process process = start("-a=127.0.0.1:0", "-stun-port=0", "-c=" + keyFile());
    BufferedReader log = process.errorReader();
    assertThat(awaitLine(log, "mesh key")).endsWith(" No mesh key configured");
    assertThat(awaitLine(log, "serving")).matches(LOG + "derper: serving on 127\\.0\\.0\\.1:.*");
    send(signal, process);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(Files.readString(Path.of(keyFile())))
        .matches("\\{\n\t\"PrivateKey\": \"privkey:[0-9a-f]{64}\"\n}");
  }

  @Test
  void aDevelopersRelayTellsWhereItIsAndAnswersThere() throws Exception {
    Process process = start("--dev", "-a=127.0.0.1:0", "-stun-port=0");
    BufferedReader log = process.errorReader();
    String url = value(awaitLine(log, "  DERP "), "(http://127\\.0\\.0\\.1:[0-9]+)/derp");
    assertThat(awaitLine(log, "  STUN ")).matches(".*127\\.0\\.0\\.1:[1-9][0-9]* \\(UDP\\)");
    assertThat(awaitLine(log, "  public key ")).matches(".* nodekey:[0-9a-f]{64}");
    String map = awaitLine(log, "\"Regions\"");
    assertThat(map).contains("\"DERPPort\":" + url.substring(url.lastIndexOf(':') + 1));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/derp/probe")).build();
      assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
    send("TERM", process);
    assertThat(process.waitFor()).isZero();
  }

  private static String value(String line, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return matcher.group(1);
  }

  private static void send(String signal, Process process) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  @Test
  void theLoadGeneratorIsInThePackageAndSaysWhatIsWrongInOneLine() throws Exception {
    Result help = await(startOf("derp4j", "bench", "load", "--help"));
    assertThat(help.status()).isZero();
    assertThat(help.out()).contains("derp4j bench load", "closed", "stun", "it is an attack");
    assertThat(help.err()).isEmpty();

    Result wrong = await(startOf("derp4j", "bench", "load", "idle"));
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err())
        .isEqualTo(
            "bench: Missing required option: '--server=HOST:PORT' (see: derp4j bench load idle --help)\n");

    Result nobody =
        await(
            startOf("derp4j", "bench", "load", "idle", "--server", "127.0.0.1:1", "--await", "0"));
    assertThat(nobody.status()).isEqualTo(1);
    assertThat(nobody.err()).startsWith("bench: no handshake with 127.0.0.1:1").hasLineCount(1);
  }
}
