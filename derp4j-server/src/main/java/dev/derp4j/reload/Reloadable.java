package dev.derp4j.reload;

import java.util.List;

/// Something of the relay's set-up that can be read again while it runs.
public interface Reloadable {
  /// How log lines name it: `rate config`, `allowed keys`.
  String name();

  /// Reads again. Either everything that was read takes effect or nothing does.
  ///
  /// Called by the thread of [Reloads] alone, never twice at a time; it may read files.
  ///
  /// @return what changed, one line fit for the log each; empty if nothing did
  /// @throws ReloadException if what was read is no good; what was in force stays so
  List<String> reload() throws ReloadException;

  /// How the log says that reading again failed.
  default String failure(String why) {
    return name() + " not reloaded: " + why;
  }
}
