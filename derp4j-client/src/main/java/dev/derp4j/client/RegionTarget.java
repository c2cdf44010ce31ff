package dev.derp4j.client;

import dev.derp4j.client.dial.DerpEndpoint;
import dev.derp4j.client.dial.DerpIdentity;
import dev.derp4j.client.dial.DerpLink;
import dev.derp4j.client.dial.DialSettings;
import dev.derp4j.client.dial.RegionDialer;
import dev.derp4j.map.DerpMap;
import dev.derp4j.map.DerpNode;
import dev.derp4j.map.DerpRegion;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A region as what a client connects to. Immutable.
final class RegionTarget implements Connector.Target {
  private final String nothing;
  private final List<DerpEndpoint> endpoints;
  private final DerpIdentity identity;
  private final DialSettings settings;

  private RegionTarget(
      String nothing, List<DerpEndpoint> endpoints, DerpIdentity identity, DialSettings settings) {
    this.nothing = nothing;
    this.endpoints = endpoints;
    this.identity = identity;
    this.settings = settings;
  }

  static RegionTarget of(
      DerpMap map, DerpRegion region, DerpIdentity identity, DialSettings settings) {
    List<DerpEndpoint> endpoints = new ArrayList<>();
    List<String> unusable = new ArrayList<>();
    for (DerpNode node : region.nodes()) {
      if (!node.stunOnly()) {
        try {
          endpoints.add(NodeEndpoints.of(region, node));
        } catch (IllegalArgumentException notToBeDialled) {
          unusable.add(node.name() + ": " + notToBeDialled.getMessage());
        }
      }
    }
    String why = unusable.isEmpty() ? "no relay in it" : String.join(", ", unusable);
    return new RegionTarget(
        "region " + region.regionId() + ": " + why,
        endpoints,
        identity,
        settings.withBootstrap(() -> NodeEndpoints.bootstrap(map)));
  }

  @Override
  public CompletableFuture<DerpLink> dial(EventLoop loop) {
    return endpoints.isEmpty()
        ? CompletableFuture.failedFuture(new IOException(nothing.replaceAll("[^ -~]+", "?")))
        : RegionDialer.dial(loop, endpoints, identity, settings);
  }
}
