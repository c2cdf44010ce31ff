package dev.derp4j.mesh;

import dev.derp4j.key.MeshKey;
import dev.derp4j.reload.Source;
import java.util.List;

/// What a relay is told of its region.
///
/// @param keys the secret that the region's nodes share: none where there is no mesh, several while
///     it is changed. The first is shown to others, each is accepted
/// @param targets the nodes to dial; the relay itself may be among them
/// @param timing how long things take
public record MeshConfig(
    Source<List<MeshKey>> keys, Source<List<MeshTarget>> targets, MeshTiming timing) {
  /// No mesh.
  public static final MeshConfig NONE =
      new MeshConfig(Source.fixed(List.of()), Source.fixed(List.of()), MeshTiming.STANDARD);

  /// The same with other keys.
  public MeshConfig withKeys(Source<List<MeshKey>> others) {
    return new MeshConfig(others, targets, timing);
  }

  /// The same with other neighbours.
  public MeshConfig withTargets(Source<List<MeshTarget>> others) {
    return new MeshConfig(keys, others, timing);
  }

  /// The same at another pace.
  public MeshConfig withTiming(MeshTiming other) {
    return new MeshConfig(keys, targets, other);
  }
}
