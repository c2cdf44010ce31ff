package dev.derp4j.server;

import dev.derp4j.http.DebugPage;
import dev.derp4j.http.DebugPage.Content;
import dev.derp4j.mesh.MeshPage;
import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.routing.Registry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The debug pages that are about the relay itself.
final class RelayPages {
  private RelayPages() {}

  /// The consistency check, in the original's words where all is well. Keys with several
  /// connections do not fail it: they are normal. Where tailscaled decides who may come in, the
  /// node of this machine must pass too.
  static DebugPage check(Registry registry, FrontDoor frontDoor) {
    return new DebugPage(
        "check",
        "Consistency check",
        query -> {
          List<String> reasons = new ArrayList<>(registry.inconsistencies());
          ownNode(frontDoor).ifPresent(reasons::add);
          return reasons.isEmpty()
              ? Content.text(200, "derp.Server ConsistencyCheck okay")
              : Content.text(500, String.join(", ", reasons));
        });
  }

  private static Optional<String> ownNode(FrontDoor frontDoor) {
    try {
      return frontDoor.checkOwnNode();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return Optional.of("the relay is stopping");
    }
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
