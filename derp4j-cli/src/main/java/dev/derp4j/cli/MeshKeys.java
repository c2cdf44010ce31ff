package dev.derp4j.cli;

import dev.derp4j.key.MeshKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where a relay's mesh key comes from: a file, or in a developer's relay the environment.
final class MeshKeys {
  static final String VARIABLE = "TAILSCALE_DERPER_MESH_KEY";

  private MeshKeys() {}

  /// @param file a path, or empty for no mesh key
  /// @throws StartException if the file cannot be read, or holds anything but one key or nothing
  static Optional<MeshKey> fromFile(String file) throws StartException {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    String text;
    try {
      text = SecretFile.read(Path.of(file));
    } catch (IOException e) {
      throw new StartException("cannot read mesh key file " + file + ": " + IoReason.of(e));
    }
    return parse("mesh key file " + file, text);
  }

  /// @throws StartException if the variable has anything but one key or nothing
  static Optional<MeshKey> fromEnvironment(Map<String, String> environment) throws StartException {
    return parse(VARIABLE, environment.getOrDefault(VARIABLE, ""));
  }

  private static Optional<MeshKey> parse(String source, String text) throws StartException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    MeshKey key;
    try {
      key = MeshKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw new StartException(source + ": " + e.getMessage());
    }
    if (key.isZero()) {
      throw new StartException(source + ": mesh key is all zeros");
    }
    return Optional.of(key);
  }
}
