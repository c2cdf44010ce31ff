package dev.derp4j.mesh;

import java.time.Duration;

/// How long a mesh waits for what. No operator needs others than the standard ones; tests cannot
/// wait that long.
///
/// @param redial from the end of a connection or a failed dial to the next dial
/// @param silence without a single frame a connection is dead: neighbours send one a minute
/// @param writeTimeout how long the kernel may take nothing of what waits for it
/// @param resolve how often names that stand for several nodes are looked up
public record MeshTiming(
    Duration redial, Duration silence, Duration writeTimeout, Duration resolve) {
  /// The original's times, and half a minute between looks at the DNS.
  public static final MeshTiming STANDARD =
      new MeshTiming(
          Duration.ofSeconds(5),
          Duration.ofSeconds(120),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30));
}
