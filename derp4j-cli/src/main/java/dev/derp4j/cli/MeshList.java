package dev.derp4j.cli;

import dev.derp4j.mesh.MeshTarget;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// The other relays of the region: what the flag lists, and behind that what a file lists.
final class MeshList implements Source<List<MeshTarget>> {
  private final String flag;
  private final List<Path> file;

  /// @param flag entries parted by commas; empty for none
  /// @param file a file of entries, or none
  MeshList(String flag, List<Path> file) {
    this.flag = flag;
    this.file = List.copyOf(file);
  }

  @Override
  public List<MeshTarget> read() throws ReloadException {
    List<MeshTarget> targets = new ArrayList<>();
    if (!flag.isEmpty()) {
      try {
        targets.addAll(MeshTarget.parseList(flag));
      } catch (IllegalArgumentException e) {
        throw new ReloadException("-mesh-with: " + e.getMessage(), e);
      }
    }
    for (Path path : file) {
      try {
        targets.addAll(MeshTarget.parseFile(SecretFile.read(path)));
      } catch (IOException e) {
        throw new ReloadException("cannot read mesh list " + path + ": " + IoReason.of(e), e);
      } catch (IllegalArgumentException e) {
        throw new ReloadException("mesh list " + path + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(targets);
  }

  @Override
  public Collection<Path> files() {
    return file;
  }
}
