package dev.derp4j.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// `compare`: makes one table of the reports that the script `compare` has left in a directory.
@Command(
    name = "compare",
    description = "Puts the reports of two servers side by side.",
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIRECTORY",
      description = "Holds reports called WORK.ROUND.a.json and WORK.ROUND.b.json.")
  Path directory = Path.of("");

  @Option(
      names = "--first",
      paramLabel = "NAME",
      description = "What to call the server of the a files.")
  String first = "a";

  @Option(
      names = "--second",
      paramLabel = "NAME",
      description = "What to call that of the b files.")
  String second = "b";

  @Option(
      names = "--note",
      paramLabel = "KEY=VALUE",
      description = "Said about the circumstances, such as machine and versions; repeatable.")
  Map<String, String> notes = new LinkedHashMap<>();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the comparison there as JSON.")
  @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    List<Run> runs = Run.readAll(directory);
    if (runs.isEmpty()) {
      throw new IOException("no reports in " + directory);
    }
    Comparison comparison = Comparison.of(first, second, runs);
    notes.forEach((key, value) -> System.out.println(key + ": " + value));
    System.out.println();
    System.out.print(ComparisonPrinter.text(comparison));
    if (json != null) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("circumstances", notes);
      all.put("comparison", comparison);
      JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
      Files.writeString(json, mapper.writeValueAsString(all) + "\n");
    }
    return 0;
  }
}
