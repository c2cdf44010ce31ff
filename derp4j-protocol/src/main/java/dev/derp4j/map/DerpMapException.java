package dev.derp4j.map;

import java.io.IOException;

/// A document is no DERP map.
///
/// The message is one line of printable ASCII such as
/// `line 7, column 30: Regions.900.Nodes[0].STUNPort: a whole number is due`, fit for a log
/// whoever wrote the document.
public final class DerpMapException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;
  private final String path;

  DerpMapException(int line, int column, String path, String reason) {
    super(
        "line "
            + line
            + ", column "
            + column
            + ": "
            + (path.isEmpty() ? "" : path + ": ")
            + reason);
    this.line = line;
    this.column = column;
    this.path = path;
  }

  /// The line of the mistake, counted from 1.
  public int line() {
    return line;
  }

  /// Its place in that line, in characters from 1.
  public int column() {
    return column;
  }

  /// The field with the mistake, such as `Regions.900.Nodes[0].STUNPort`; empty for the document
  /// itself. Names that are no plain words are quoted.
  public String path() {
    return path;
  }
}
