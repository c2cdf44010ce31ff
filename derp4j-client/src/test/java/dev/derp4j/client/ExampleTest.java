package dev.derp4j.client;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// The examples in the documentation compile.
class ExampleTest {
  @TempDir private Path target;

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/main/java/dev/derp4j/client/DerpClient.java",
        "src/main/java/dev/derp4j/client/package-info.java",
        "../README.md",
      })
  void theExampleCompiles(String file) throws Exception {
    Matcher blocks = JAVA.matcher(text(Path.of(file)));
    assertThat(blocks.find()).isTrue();
    do {
      compile(blocks.group(1));
    } while (blocks.find());
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file).replaceAll("(?m)^ *///? ?", "");
  }

  private void compile(String example) {
    String source =
        """
        import dev.derp4j.client.*;
        import dev.derp4j.key.*;
        import dev.derp4j.map.*;
        import java.nio.file.*;
        import static java.nio.charset.StandardCharsets.UTF_8;
        class Example {
          void run(NodePublicKey peer) throws Exception {
        """
            + example
            + "}}";
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                null,
                null,
                found,
                List.of("-proc:none", "-d", target.toString()),
                null,
                List.of(
                    new SimpleJavaFileObject(
                        URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
                      @Override
                      public CharSequence getCharContent(boolean ignoreErrors) {
                        return source;
                      }
                    }))
            .call();

    assertThat(compiled).as(found.getDiagnostics() + "\n" + source).isTrue();
  }
}
