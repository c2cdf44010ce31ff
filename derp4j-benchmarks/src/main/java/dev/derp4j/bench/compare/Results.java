package dev.derp4j.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What the file `comparison.json` holds.
///
/// @param circumstances such as machine and versions
/// @param tables the comparisons
record Results(Map<String, String> circumstances, List<Table> tables) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  void write(Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(this) + "\n");
  }

  static Results read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readString(file), Results.class);
    } catch (JacksonException e) {
      throw new IOException("no comparison: " + file + ": " + e.getOriginalMessage(), e);
    }
  }

  /// Circumstances, goals and tables in Markdown.
  String text() {
    StringBuilder out = new StringBuilder();
    circumstances.forEach(
        (key, value) -> out.append("- ").append(key).append(": ").append(value).append('\n'));
    List<Goals.Verdict> goals = Goals.judge(tables);
    if (!goals.isEmpty()) {
      out.append("\n### Goals\n\n").append(Goals.text(goals));
    }
    for (Table table : tables) {
      out.append("\n### ").append(table.title()).append("\n\n");
      out.append(ComparisonPrinter.text(table.comparison()));
    }
    return out.toString();
  }
}
