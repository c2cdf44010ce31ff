package dev.derp4j.server;

import dev.derp4j.http.DebugPage;
import dev.derp4j.http.DebugPage.Content;
import dev.derp4j.mesh.MeshPage;
import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.routing.Registry;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/// The debug pages that are about the relay itself.
final class RelayPages {
  private RelayPages() {}

  /// The consistency check, in the original's words where all is well. Keys with several
  /// connections do not fail it: they are normal.
  static DebugPage check(Registry registry) {
    return new DebugPage(
        "check",
        "Consistency check",
        query -> {
          List<String> reasons = registry.inconsistencies();
          return reasons.isEmpty()
              ? Content.text(200, "derp.Server ConsistencyCheck okay")
              : Content.text(500, String.join(", ", reasons));
        });
  }

  /// The neighbours of the mesh.
  static DebugPage mesh(Registry registry, Supplier<List<NeighbourStatus>> neighbours) {
    return new DebugPage(
        "mesh",
        "Mesh",
        query -> {
          String format = query.getOrDefault("format", List.of("html")).getFirst();
          return switch (format) {
            case "html" ->
                Content.html(MeshPage.html(neighbours.get(), registry.region(), Instant.now()));
            case "json" -> Content.json(MeshPage.json(neighbours.get(), registry.region()));
            default -> Content.text(400, "bad format: html or json");
          };
        });
  }
}
