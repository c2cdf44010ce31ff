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

/// `compare`: makes one table of the reports that the script `compare` has left in a directory.
@Command(
    name = "compare",
    description = "Puts the reports of two servers side by side.",
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIRECTORY",
      description =
          "Holds reports called WORK.ROUND.a.json and WORK.ROUND.b.json, itself or in directories"
              + " called coresN.")
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

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write it there as a page with plots that needs nothing else.")
  @Nullable Path html;

  @Override
  public Integer call() throws IOException {
    List<Table.WithRuns> tables = Table.readAll(directory, first, second);
    Results results = new Results(notes, tables.stream().map(Table.WithRuns::table).toList());
    System.out.print(results.text());
    if (json != null) {
      results.write(json);
    }
    if (html != null) {
      Files.writeString(html, HtmlPage.of(results, tables));
    }
    return 0;
  }
}
