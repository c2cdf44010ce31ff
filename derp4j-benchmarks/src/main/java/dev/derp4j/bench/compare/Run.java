package dev.derp4j.bench.compare;

import dev.derp4j.bench.load.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One report of a comparison, with its place in it.
///
/// @param work what was done
/// @param round which of the paired rounds it was part of
/// @param second whether it is of the second server
/// @param report what came of it
record Run(String work, int round, boolean second, Report report) {
  private static final Pattern NAME = Pattern.compile("(.+)\\.(\\d+)\\.([ab])\\.json");

  /// Reads all files called `<work>.<round>.<a|b>.json`, in the order in which they were made.
  static List<Run> readAll(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> NAME.matcher(file.getFileName().toString()).matches()).toList();
    }
    List<Path> byAge = new ArrayList<>(files);
    byAge.sort(Comparator.comparingLong(file -> file.toFile().lastModified()));
    List<Run> runs = new ArrayList<>();
    for (Path file : byAge) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches()) {
        runs.add(
            new Run(
                name.group(1),
                Integer.parseInt(name.group(2)),
                name.group(3).equals("b"),
                Report.read(file)));
      }
    }
    return runs;
  }
}
