package dev.derp4j.client.dial;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePrivateKey;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class RegionDialerTest {
  private static final HostResolver SILENT = (host, loop) -> new CompletableFuture<>();

  private final NodePrivateKey serverKey = NodePrivateKey.generate();
  private final DerpIdentity identity = DerpIdentity.of(NodePrivateKey.generate());
  private final Loops loops = Loops.nio();

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  void theFirstNodeThatWorksWinsAndIsToldTheIdealOne() throws Exception {
    try (StubServer dead = StubServer.plain(StubServer.Peer::head);
        StubServer server = relay();
        StubServer later = relay()) {
      DerpLink link =
          dial(
              DialSettings.builder().resolver(SILENT).build(),
              DerpEndpoint.of("silent.test", 1).withName("1a"),
              dead.endpoint().withoutTls().withName("1b"),
              server.endpoint().withoutTls().withName("1c"),
              later.endpoint().withoutTls().withName("1d"));
      assertThat(link.endpoint().name()).isEqualTo("1c");
      assertThat(server.heads.getFirst()).contains("Ideal-Node: 1a\r\n");
      assertThat(dead.heads).as("one without upgrade is passed over").hasSize(1);
      assertThat(later.heads).isEmpty();
      link.channel().close().sync();
    }
  }

  @Test
  void theFirstNodeIsTheIdealOneUnlessItSaysOtherwise() throws Exception {
    try (StubServer server = relay()) {
      DialSettings settings = DialSettings.defaults();
      DerpEndpoint node = server.endpoint().withoutTls();
      dial(settings, node, node).channel().close().sync();
      dial(settings, node.withIdealNode("9a"), node).channel().close().sync();
      assertThat(server.heads.get(0)).doesNotContain("Ideal-Node");
      assertThat(server.heads.get(1)).contains("Ideal-Node: 9a\r\n");
    }
  }

  @Test
  void whereNoneWorksTheFirstFailureIsTold() throws Exception {
    DerpEndpoint closed;
    try (StubServer server = relay()) {
      closed = server.endpoint().withoutTls();
    }
    assertThatThrownBy(
            () ->
                dial(
                    DialSettings.builder().resolver(SILENT).build(),
                    DerpEndpoint.of("silent.test", 1).withName("1a"),
                    closed.withName("1b")))
        .hasMessage("1a: dns: no connection within 1500 ms")
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .singleElement()
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.THROWABLE)
                    .hasMessageStartingWith("1b: tcp: "));
  }

  @Test
  void allNodesTogetherHaveTheTimeout() throws Exception {
    try (StubServer server = relay()) {
      assertThatThrownBy(
              () ->
                  dial(
                      DialSettings.builder()
                          .resolver(SILENT)
                          .timeout(Duration.ofMillis(200))
                          .build(),
                      DerpEndpoint.of("silent.test", 1).withName("1a"),
                      server.endpoint().withoutTls()))
          .hasMessage("1a: dns: no answer within 200 ms");
      assertThat(server.heads).isEmpty();
    }
  }

  @Test
  void aCancelledRegionClosesWhatIsOpen() throws Exception {
    try (StubServer server = StubServer.plain(StubServer.Peer::awaitClose);
        StubServer next = relay()) {
      CompletableFuture<DerpLink> dial =
          RegionDialer.dial(
              loops.loop(),
              List.of(server.endpoint().withoutTls(), next.endpoint().withoutTls()),
              identity,
              DialSettings.defaults());
      await().until(() -> server.openConnections() == 1);
      dial.cancel(false);
      await().until(() -> server.openConnections() == 0);
      assertThat(next.heads).isEmpty();
    }
  }

  @Test
  void addressesOfBothFamiliesRaceAndLosersAreClosed() throws Exception {
    try (StubServer ipv4 = relay()) {
      InetAddress dead = InetAddress.ofLiteral("::1");
      DerpEndpoint endpoint =
          DerpEndpoint.of("both.test", ipv4.port())
              .withoutTls()
              .withAddresses(FamilyAddress.DNS, FamilyAddress.DNS);
      HostResolver both =
          (host, loop) ->
              CompletableFuture.completedFuture(
                  List.of(
                      dead,
                      InetAddress.ofLiteral("127.0.0.9"),
                      InetAddress.ofLiteral("127.0.0.1")));
      DerpLink link =
          dial(DialSettings.builder().resolver(both).preferIpv6(true).build(), endpoint);
      assertThat(link.remoteAddress()).isEqualTo(ipv4.address());
      link.channel().close().sync();
    }
  }

  @Test
  void aFamilyThatIsDisabledOrFixedIsNotLookedUp() throws Exception {
    try (StubServer server = relay()) {
      DerpEndpoint fixed =
          DerpEndpoint.of("fixed.test", server.port())
              .withoutTls()
              .withAddresses(FamilyAddress.ofIpv4("127.0.0.1"), FamilyAddress.ofIpv6("none"));
      DialSettings settings = DialSettings.builder().resolver(SILENT).build();
      dial(settings, fixed).channel().close().sync();
      dial(settings, fixed.withAddresses(FamilyAddress.ofIpv4("127.0.0.1"), FamilyAddress.DNS))
          .channel()
          .close()
          .sync();
      assertThatThrownBy(
              () ->
                  dial(
                      settings,
                      fixed.withAddresses(
                          FamilyAddress.ofIpv4("none"), FamilyAddress.ofIpv6("127.0.0.1"))))
          .hasMessageEndingWith(": dns: no address family of the host may be dialled");
      assertThatThrownBy(
              () ->
                  dial(
                      settings,
                      server
                          .endpoint()
                          .withoutTls()
                          .withAddresses(FamilyAddress.DISABLED, FamilyAddress.DNS)))
          .as("an IPv4 address is dialled as IPv4 only")
          .hasMessageEndingWith(": dns: no address family of the host may be dialled");
    }
  }

  private StubServer relay() throws Exception {
    return StubServer.plain(
        peer -> {
          peer.head();
          peer.write(DialTest.SWITCHING);
          peer.write(new Frame.ServerKey(serverKey.publicKey()));
          peer.admit(serverKey);
          peer.echo();
        });
  }

  private DerpLink dial(DialSettings settings, DerpEndpoint... endpoints) throws Exception {
    return Loops.await(RegionDialer.dial(loops.loop(), List.of(endpoints), identity, settings));
  }
}
