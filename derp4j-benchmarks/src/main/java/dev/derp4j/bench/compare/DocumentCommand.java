package dev.derp4j.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `document`: puts the figures of a comparison into a Markdown page, in place of those in it.
@Command(
    name = "document",
    description = "Puts the figures of a comparison.json into a Markdown page.",
    mixinStandardHelpOptions = true)
public final class DocumentCommand implements Callable<Integer> {
  private static final String BEGIN = "<!-- figures: begin -->";
  private static final String END = "<!-- figures: end -->";

  @Parameters(paramLabel = "COMPARISON", description = "The file comparison.json of a run.")
  Path comparison = Path.of("");

  @Option(
      names = "--into",
      required = true,
      paramLabel = "PAGE",
      description = "What stands between the lines `" + BEGIN + "` and `" + END + "` is replaced.")
  Path page = Path.of("");

  @Override
  public Integer call() throws IOException {
    String figures = Results.read(comparison).text();
    String text = Files.readString(page);
    int from = text.indexOf(BEGIN);
    int to = text.indexOf(END);
    if (from < 0 || to < from) {
      throw new IOException(page + " has no lines " + BEGIN + " and " + END);
    }
    Files.writeString(
        page, text.substring(0, from) + BEGIN + "\n\n" + figures + "\n" + text.substring(to));
    return 0;
  }
}
