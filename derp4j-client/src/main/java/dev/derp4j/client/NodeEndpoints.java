package dev.derp4j.client;

import dev.derp4j.client.dial.BootstrapNode;
import dev.derp4j.client.dial.CertificateCheck;
import dev.derp4j.client.dial.DerpEndpoint;
import dev.derp4j.client.dial.FamilyAddress;
import dev.derp4j.map.DerpMap;
import dev.derp4j.map.DerpNode;
import dev.derp4j.map.DerpRegion;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Nodes of a DERP map as endpoints to dial.
public final class NodeEndpoints {
  private NodeEndpoints() {}

  /// How a node is reached: its host and port, the addresses that the map gives instead of DNS, the
  /// certificate that it must show; and, unless it is the first of its region, the name of the one
  /// that is.
  ///
  /// @throws IllegalArgumentException if the node's port is none
  public static DerpEndpoint of(DerpRegion region, DerpNode node) {
    DerpEndpoint endpoint =
        DerpEndpoint.of(node.hostName(), node.effectiveDerpPort())
            .withName(name(node))
            .withAddresses(FamilyAddress.ofIpv4(node.ipv4()), FamilyAddress.ofIpv6(node.ipv6()))
            .withCertificate(check(node));
    String ideal = region.nodes().getFirst().name();
    return node.equals(region.nodes().getFirst()) || ideal.isEmpty()
        ? endpoint
        : endpoint.withIdealNode(ideal);
  }

  /// The relays of a map that can be asked for the addresses of others, because the map has their
  /// own. Those with a port that is none are left out.
  public static List<BootstrapNode> bootstrap(DerpMap map) {
    List<BootstrapNode> all = new ArrayList<>();
    for (DerpRegion region : map.regions().values()) {
      for (DerpNode node : region.nodes()) {
        List<InetAddress> addresses = fixed(node);
        int port = node.effectiveDerpPort();
        if (!node.stunOnly() && !addresses.isEmpty() && port > 0 && port <= 0xffff) {
          CertificateCheck check = check(node);
          all.add(new BootstrapNode(node.hostName(), addresses, port, check));
        }
      }
    }
    return all;
  }

  private static List<InetAddress> fixed(DerpNode node) {
    return Stream.of(FamilyAddress.ofIpv4(node.ipv4()), FamilyAddress.ofIpv6(node.ipv6()))
        .filter(FamilyAddress.Fixed.class::isInstance)
        .map(address -> ((FamilyAddress.Fixed) address).address())
        .toList();
  }

  private static CertificateCheck check(DerpNode node) {
    return CertificateCheck.ofNode(node.hostName(), node.certName(), node.insecureForTests());
  }

  /// Both names, since people know the one and networks the other.
  private static String name(DerpNode node) {
    String text = node.name() + " (" + node.hostName() + ")";
    return text.replaceAll("[^ -~]+", "?");
  }
}
