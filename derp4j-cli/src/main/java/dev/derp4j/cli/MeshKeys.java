package dev.derp4j.cli;

import dev.derp4j.key.MeshKey;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Where a relay's mesh keys come from: a file, or in a developer's relay the environment.
final class MeshKeys {
  static final String VARIABLE = "TAILSCALE_DERPER_MESH_KEY";

  /// The new key and the old one, while a region changes from one to the other.
  private static final int MOST = 2;

  private MeshKeys() {}

  /// A file with a key, or two on lines of their own: the first is shown to the other relays, both
  /// are accepted from them. An empty file means none.
  static Source<List<MeshKey>> inFile(Path file) {
    return new Source<>() {
      @Override
      public List<MeshKey> read() throws ReloadException {
        try {
          return parse("mesh key file " + file, SecretFile.read(file));
        } catch (IOException e) {
          throw new ReloadException("cannot read mesh key file " + file + ": " + IoReason.of(e), e);
        }
      }

      @Override
      public Collection<Path> files() {
        return List.of(file);
      }
    };
  }

  /// What the variable has.
  static Source<List<MeshKey>> inEnvironment(Map<String, String> environment) {
    String text = environment.getOrDefault(VARIABLE, "");
    return new Source<>() {
      @Override
      public List<MeshKey> read() throws ReloadException {
        return parse(VARIABLE, text);
      }

      @Override
      public Collection<Path> files() {
        return List.of();
      }
    };
  }

  /// Reads the keys of a text.
  ///
  /// @param source how messages call it
  /// @throws ReloadException if it has anything but one key, two lines of one each, or nothing
  static List<MeshKey> parse(String source, String text) throws ReloadException {
    if (text.isEmpty()) {
      return List.of();
    }
    List<String> lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (lines.size() > MOST) {
      throw new ReloadException(source + ": more than two keys");
    }
    List<MeshKey> keys = new ArrayList<>();
    for (String line : lines.isEmpty() ? List.of("") : lines) {
      try {
        keys.add(MeshKey.parse(line));
      } catch (IllegalArgumentException e) {
        throw new ReloadException(source + ": " + e.getMessage(), e);
      }
      if (keys.getLast().isZero()) {
        throw new ReloadException(source + ": mesh key is all zeros");
      }
    }
    return keys;
  }
}
