package dev.derp4j.stunserver;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether this machine, this C library and this JVM's settings allow the calls of [Libc].
final class NativeSupport {
  private static final Set<String> MACHINES = Set.of("amd64", "x86_64", "aarch64");

  private NativeSupport() {}

  /// Why the calls cannot be made, in a few words for the log, or null if they can.
  ///
  /// Native access is denied where the JVM runs with `--illegal-native-access=deny` and without
  /// `--enable-native-access=ALL-UNNAMED`.
  static @Nullable String whyUnavailable() {
    String system = System.getProperty("os.name", "");
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    if (!system.equals("Linux") || !MACHINES.contains(machine)) {
      return "not supported on " + system + " " + machine;
    }
    try {
      Libc.link();
      return null;
    } catch (LinkageError | RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return "no native access: " + cause.getMessage();
    }
  }
}
