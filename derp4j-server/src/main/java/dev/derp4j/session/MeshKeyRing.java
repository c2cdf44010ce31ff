package dev.derp4j.session;

import dev.derp4j.key.MeshKey;
import java.util.List;
import java.util.Optional;

/// The mesh keys of a region: one, or during a rotation the new and the old.
///
/// The first is shown when dialling; a connection that shows any of them is a mesh peer.
/// Thread-safe: they can be replaced while connections come in, which stay what they are.
public final class MeshKeyRing {
  private volatile List<MeshKey> keys;

  /// @param keys none where there is no mesh: nobody is a mesh peer then
  public MeshKeyRing(List<MeshKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /// Whether somebody who shows this key is a mesh peer. Takes the same time whichever key it is
  /// like, and however much.
  @SuppressWarnings("ShortCircuitBoolean")
  public boolean accepts(MeshKey shown) {
    boolean accepted = false;
    for (MeshKey key : keys) {
      accepted |= key.matches(shown);
    }
    return accepted;
  }

  /// The key to show to others.
  public Optional<MeshKey> first() {
    return keys.stream().findFirst();
  }

  /// Takes other keys from now on.
  ///
  /// @return whether they differ from those before
  public synchronized boolean replace(List<MeshKey> others) {
    boolean changed = !keys.equals(others);
    keys = List.copyOf(others);
    return changed;
  }
}
