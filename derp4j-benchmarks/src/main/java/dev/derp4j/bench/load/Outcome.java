package dev.derp4j.bench.load;

import dev.derp4j.bench.load.report.Report;
import dev.derp4j.bench.load.report.ReportPrinter;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The end of every mode: prints the report, writes it, and finds the exit status.
final class Outcome {
  private Outcome() {}

  /// 0, or 1 if connections failed or were lost, since the figures then are about something else.
  static int of(Report report, @Nullable Path json) throws IOException {
    System.out.print(new ReportPrinter(report).text());
    if (json != null) {
      report.write(json);
    }
    return report.trouble() ? 1 : 0;
  }
}
