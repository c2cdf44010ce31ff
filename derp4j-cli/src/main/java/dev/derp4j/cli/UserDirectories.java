package dev.derp4j.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where the running user keeps files.
final class UserDirectories {
  private UserDirectories() {}

  /// The directory for what can be made again; empty where the environment does not tell.
  static Optional<String> cache(Map<String, String> environment) {
    String home = environment.getOrDefault("HOME", "");
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac")) {
      return home.isEmpty() ? Optional.empty() : Optional.of(home + "/Library/Caches");
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (xdg.startsWith("/")) {
      return Optional.of(xdg);
    }
    return home.isEmpty() ? Optional.empty() : Optional.of(home + "/.cache");
  }
}
