package dev.derp4j.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One comparison among several that were made in one go.
///
/// @param title under what circumstances it was made, if there are others
/// @param serverProcessors how many processors the servers had
/// @param comparison what came of it
record Table(String title, int serverProcessors, Comparison comparison) {
  private static final Pattern CORES = Pattern.compile("cores(\\d+)");

  /// A table with the runs that it was made of.
  record WithRuns(Table table, List<Run> runs) {}

  /// Reads the reports of all directories called `cores<N>` in `directory`, or else those in
  /// itself.
  static List<WithRuns> readAll(Path directory, String first, String second) throws IOException {
    List<WithRuns> tables = new ArrayList<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path part : all.sorted().toList()) {
        Matcher name = CORES.matcher(part.getFileName().toString());
        if (Files.isDirectory(part) && name.matches()) {
          read(part, Integer.parseInt(name.group(1)), first, second, tables);
        }
      }
    }
    if (tables.isEmpty()) {
      read(directory, 1, first, second, tables);
    }
    if (tables.isEmpty()) {
      throw new IOException("no reports in " + directory);
    }
    return tables;
  }

  private static void read(
      Path directory, int cores, String first, String second, List<WithRuns> tables)
      throws IOException {
    List<Run> runs = Run.readAll(directory);
    if (!runs.isEmpty()) {
      String title = "Server on " + cores + (cores == 1 ? " processor" : " processors");
      tables.add(new WithRuns(new Table(title, cores, Comparison.of(first, second, runs)), runs));
    }
  }
}
