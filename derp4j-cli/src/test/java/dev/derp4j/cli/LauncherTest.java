package dev.derp4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/// Runs the launcher scripts in a copy of the source tree that has the outlines only, with a JDK
/// and a Maven that are scripts themselves and note how they are called.
class LauncherTest {
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "cat",
          "dirname",
          "find",
          "grep",
          "head",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "tee",
          "touch");

  @TempDir Path directory;

  private Path root;
  private Path tools;
  private Path jar;
  private Path source;
  private final List<String> environment = new ArrayList<>();

  private record Result(int status, String out, String err) {}

  @BeforeEach
  void layOutTheTree() throws IOException {
    root = Files.createDirectories(directory.resolve("a tree"));
    for (String script : List.of("derper", "derp4j")) {
      Files.copy(Path.of("..", script), root.resolve(script));
    }
    for (String module : List.of("derp4j-protocol", "derp4j-server", "derp4j-cli")) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.createFile(root.resolve(module).resolve("pom.xml"));
    }
    Files.createFile(root.resolve("pom.xml"));
    source = Files.createFile(root.resolve("derp4j-server/src/main/Relay.java"));
    jar = root.resolve("derp4j-cli/target/dist/lib/derp4j-cli.jar");

    tools = Files.createDirectory(directory.resolve("tools"));
    for (String tool : TOOLS) {
      Files.createSymbolicLink(tools.resolve(tool), find(tool));
    }
    environment.add("PATH=" + tools);
    environment.add("HOME=" + directory);
    environment.add("DERP4J_JAVA_HOME=" + jdk("25.0.1"));
  }

  private static Path find(String tool) {
    for (String place : System.getenv("PATH").split(":")) {
      Path candidate = Path.of(place, tool);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new IllegalStateException("this machine has no " + tool);
  }

  private Path script(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// A JDK whose `java` prints its home's version and its arguments, or makes the recording that it
  /// is asked for.
  private Path jdk(String version) throws IOException {
    Path home = directory.resolve("jdk-" + version);
    Files.createDirectories(home);
    Files.writeString(
        home.resolve("release"),
        "JAVA_RUNTIME_VERSION=\"%1$s+1\"\nJAVA_VERSION=\"%1$s\"\n".formatted(version));
    script(
        home.resolve("bin/java"),
        """
        for argument; do
          case $argument in -XX:AOTCacheOutput=*) echo recording >"${argument#*=}"; exit ;; esac
        done
        echo java %s
        for argument; do printf '<%%s>\\n' "$argument"; done
        """
            .formatted(version));
    script(home.resolve("bin/javac"), "");
    return home;
  }

  /// A Maven that leaves a line in `mvn.calls`, then does as told.
  private void maven(String deeds) throws IOException {
    script(
        tools.resolve("mvn"), "echo \"$PWD $*\" >>'" + directory + "/mvn.calls'\n" + deeds + "\n");
  }

  private void mavenThatBuilds() throws IOException {
    maven(
        """
        echo '[INFO] Building derp4j-cli 0.1.0-SNAPSHOT    [4/4]'
        mkdir -p derp4j-cli/target/dist/lib
        : >derp4j-cli/target/dist/lib/derp4j-cli.jar""");
  }

  private List<String> mavenCalls() throws IOException {
    Path calls = directory.resolve("mvn.calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  private void builtEarlier() throws IOException {
    Files.createDirectories(jar.getParent());
    Files.createFile(jar);
    Files.writeString(recording(), "earlier\n");
  }

  private Path recording() {
    return root.resolve("derp4j-cli/target/dist/start-25.0.1+1.aot");
  }

  private void changeSourceAfterTheBuild() throws IOException {
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
  }

  private Process start(Path out, Path err, Path script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(find("env").toString(), "-i"));
    command.addAll(environment);
    command.add(script.toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(out.toFile())
        .redirectError(err.toFile())
        .start();
  }

  private Result run(Path script, String... arguments) throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process = start(out, err, script, arguments);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), read(out), read(err));
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private Result derper(String... arguments) throws IOException, InterruptedException {
    return run(root.resolve("derper"), arguments);
  }

  @Test
  void argumentsReachTheProgramUnchanged() throws Exception {
    builtEarlier();
    Result result = derper("-home", "two words", "", "*", "$HOME");
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .startsWith("java 25.0.1\n")
        .endsWith(
            "<-jar>\n<"
                + jar.toRealPath()
                + ">\n<derper>\n<-home>\n<two words>\n<>\n<*>\n<$HOME>\n");
  }

  @Test
  void derp4jIsTheEntryForAllCommands() throws Exception {
    builtEarlier();
    assertThat(run(root.resolve("derp4j"), "derper", "-h").out()).endsWith("<derper>\n<-h>\n");
  }

  @Test
  void operatorsOptionsForTheJvmComeLast() throws Exception {
    builtEarlier();
    environment.add("DERPER_JAVA_OPTS=-Xmx64m -Dx=y");
    assertThat(derper().out())
        .contains("<-XX:+UseSerialGC>")
        .contains("<-Xmx64m>\n<-Dx=y>\n<-jar>");
  }

  @Test
  void aChainOfSymbolicLinksLeadsToTheTree() throws Exception {
    builtEarlier();
    Path elsewhere = Files.createDirectory(directory.resolve("bin"));
    Files.createSymbolicLink(elsewhere.resolve("one"), root.resolve("derper"));
    Files.createSymbolicLink(elsewhere.resolve("derper"), Path.of("one"));
    assertThat(run(elsewhere.resolve("derper"), "-h").out()).endsWith("<derper>\n<-h>\n");
  }

  @Test
  void theExitStatusIsTheProgramsOwn() throws Exception {
    builtEarlier();
    script(directory.resolve("jdk-25.0.1/bin/java"), "exit 7");
    assertThat(derper().status()).isEqualTo(7);
  }

  @Test
  void whatIsMissingIsBuiltOnceWithProgress() throws Exception {
    mavenThatBuilds();
    Result first = derper();
    assertThat(first.err())
        .isEqualTo(
            """
            derp4j: building; this happens once, and takes minutes where Maven has much to fetch
            derp4j:   derp4j-cli
            derp4j: recording a start, once for this build
            """);
    assertThat(first.out()).startsWith("java 25.0.1\n");
    assertThat(derper().err()).isEmpty();
    assertThat(mavenCalls()).hasSize(1).first().asString().startsWith(root.toRealPath() + " -B ");
  }

  @Test
  void aChangedSourceIsBuiltAgain() throws Exception {
    mavenThatBuilds();
    builtEarlier();
    changeSourceAfterTheBuild();
    assertThat(derper().status()).isZero();
    assertThat(mavenCalls()).hasSize(1);
  }

  @Test
  void aFailedBuildShowsItsErrorsAndStops() throws Exception {
    builtEarlier();
    changeSourceAfterTheBuild();
    maven("echo '[INFO] noise'; echo '[ERROR] Relay.java:[3,1] broken'; exit 1");
    Result result = derper();
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("\n[ERROR] Relay.java:[3,1] broken\n")
        .endsWith("derp4j-cli/target/build.log\n")
        .doesNotContain("noise");
    mavenThatBuilds();
    assertThat(derper().status()).as("the next start tries again").isZero();
  }

  @Test
  void aRecordingOfTheStartIsMadeOnceForABuildAndAJdk() throws Exception {
    builtEarlier();
    assertThat(derper().out()).contains("<-XX:AOTCache=" + recording().toRealPath() + ">");
    assertThat(recording()).as("fits, and stays").hasContent("earlier\n");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
    derper();
    assertThat(recording()).as("is older than the jar").hasContent("recording\n");
    environment.add("DERP4J_JAVA_HOME=" + jdk("26"));
    assertThat(derper().out()).contains("start-26+1.aot>");
  }

  @Test
  void aRecordingThatFailsIsNotTriedAgain() throws Exception {
    builtEarlier();
    Files.delete(recording());
    script(
        directory.resolve("jdk-25.0.1/bin/java"),
        "case $* in *AOTCacheOutput=*) echo no memory >&2; exit 1 ;; esac; echo $*\n");
    Result first = derper();
    assertThat(first.out()).contains("-jar").doesNotContain("AOTCache");
    assertThat(first.err()).isEqualTo("derp4j: recording a start, once for this build\n");
    assertThat(derper().err()).isEmpty();
  }

  @Test
  void whereNothingCanBeWrittenItStartsWithoutARecording() throws Exception {
    builtEarlier();
    Files.delete(recording());
    Files.setPosixFilePermissions(
        recording().getParent(), PosixFilePermissions.fromString("r-xr-xr-x"));
    assumeFalse(Files.isWritable(recording().getParent()), "root may write everywhere");
    Result result = derper();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).startsWith("java 25.0.1\n").doesNotContain("AOTCache");
  }

  @Test
  void aFailedBuildShowsNoAdviceOnHowToUseMaven() throws Exception {
    maven(
        """
        echo '[WARNING] /x/Relay.java:[3,1] careless'
        echo '[ERROR] Failed to execute goal: Compilation failure -> [Help 1]'
        echo '[ERROR] '
        echo '[ERROR] Re-run Maven using the -X switch to enable full debug logging.'
        exit 1""");
    assertThat(derper().err())
        .contains("careless", "Compilation failure")
        .doesNotContain("Re-run", "[ERROR] \n");
  }

  @Test
  void withoutMavenOneLineSaysWhatIsMissing() throws Exception {
    Result result = derper();
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err())
        .startsWith("derp4j: derp4j must be built first, but Maven (mvn) is missing")
        .hasLineCount(1);
  }

  @Test
  void withoutMavenWhatWasBuiltEarlierRunsAndSaysSo() throws Exception {
    builtEarlier();
    changeSourceAfterTheBuild();
    Result result = derper();
    assertThat(result.status()).isZero();
    assertThat(result.out()).startsWith("java 25.0.1\n");
    assertThat(result.err()).startsWith("derp4j: running what was built earlier").hasLineCount(1);
  }

  @Test
  void twoStartsAtOnceBuildOnce() throws Exception {
    Path gate = directory.resolve("gate");
    new ProcessBuilder("mkfifo", gate.toString()).start().waitFor();
    maven(
        """
        : >'%1$s/mvn.began'
        read -r line <'%2$s'
        mkdir -p derp4j-cli/target/dist/lib
        : >derp4j-cli/target/dist/lib/derp4j-cli.jar"""
            .formatted(directory, gate));
    Path output = directory.resolve("output");
    Process first = start(output, output, root.resolve("derper"));
    Process second = start(output, output, root.resolve("derper"));
    Files.writeString(gate, "go\n");
    assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(List.of(first.exitValue(), second.exitValue())).containsOnly(0);
    assertThat(mavenCalls()).hasSize(1);
  }

  @Test
  void theLockOfABuildThatDiedIsTakenOver() throws Exception {
    mavenThatBuilds();
    Process dead = new ProcessBuilder(find("sh").toString(), "-c", ":").start();
    dead.waitFor();
    Path lock = Files.createDirectories(root.resolve("derp4j-cli/target/building"));
    Files.writeString(lock.resolve("pid"), dead.pid() + "\n");
    assertThat(derper().status()).isZero();
    assertThat(lock).doesNotExist();
  }

  @Test
  void aJdkThatWasChosenButIsTooOldEndsTheStartInOneLine() throws Exception {
    environment.add("DERP4J_JAVA_HOME=" + jdk("17.0.15"));
    Result result = derper();
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo(
            "derp4j: DERP4J_JAVA_HOME=" + directory + "/jdk-17.0.15 has no Java 25 or newer\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"25", "25.0.3", "26-ea", "30.1"})
  void javaHomeIsTakenIfItIsNewEnough(String version) throws Exception {
    builtEarlier();
    environment.add("DERP4J_JAVA_HOME=");
    environment.add("JAVA_HOME=" + jdk(version));
    assertThat(derper().out()).startsWith("java " + version + "\n");
  }

  @Test
  void theJavaOnThePathIsTakenIfJavaHomeIsTooOld() throws Exception {
    builtEarlier();
    environment.add("DERP4J_JAVA_HOME=");
    environment.add("JAVA_HOME=" + jdk("1.8.0_402"));
    Files.createSymbolicLink(tools.resolve("java"), jdk("25.0.9").resolve("bin/java"));
    assertThat(derper().out()).startsWith("java 25.0.9\n");
  }

  @Test
  void aJavaOnThePathThatIsAShimIsAskedWhereItLives() throws Exception {
    builtEarlier();
    environment.add("DERP4J_JAVA_HOME=");
    Path home = jdk("25.0.8");
    script(
        tools.resolve("java"),
        "echo 'Property settings:' >&2; echo '    java.home = " + home + "' >&2");
    assertThat(derper().out()).startsWith("java 25.0.8\n");
  }

  @Test
  void aJdkInTheUsersCollectionIsFound() throws Exception {
    builtEarlier();
    environment.add("DERP4J_JAVA_HOME=");
    Path collection = Files.createDirectories(directory.resolve(".sdkman/candidates/java"));
    Files.createSymbolicLink(collection.resolve("new"), jdk("999.0.1"));
    Files.createSymbolicLink(collection.resolve("old"), jdk("17.0.1"));
    assertThat(derper().out()).as("the newest of all").startsWith("java 999.0.1\n");
  }
}
