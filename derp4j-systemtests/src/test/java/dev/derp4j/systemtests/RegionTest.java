package dev.derp4j.systemtests;

import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpMessage;
import dev.derp4j.client.dial.DialException;
import dev.derp4j.client.dial.DialStep;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.map.DerpMap;
import dev.derp4j.map.DerpNode;
import dev.derp4j.map.DerpRegion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// Clients that connect to a region of a map.
@Timeout(120)
class RegionTest {
  static Stream<Way> ways() {
    return Stream.of(false, true)
        .filter(original -> !original || OriginalDerper.binary().isPresent())
        .map(original -> new Way(original, Way.Security.NAME, true, false, false));
  }

  private static DerpNode.Builder node(String name, RunningRelay relay) {
    return DerpNode.builder(name, 900, RunningRelay.HOST).derpPort(relay.port());
  }

  private static DerpClient client(RunningRelay relay, DerpNode... nodes) throws Exception {
    DerpMap map = DerpMap.of(DerpRegion.of(900, "mine", nodes));
    return DerpClient.builder(NodePrivateKey.generate())
        .region(map, 900)
        .dialSettings(relay.settings().build())
        .build();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void whatCannotBeReachedIsPassedOver(Way way) throws Exception {
    try (RunningRelay relay = new RunningRelay(way);
        DerpClient client =
            client(
                relay,
                node("900a", relay).stunOnly(true).build(),
                node("900b", relay).ipv4("none").ipv6("none").build(),
                node("900c", relay).derpPort(closedPort()).build(),
                node("900d", relay).derpPort(123_456).build(),
                node("900e", relay).certName("other.test").build(),
                node("900f", relay).ipv4("127.0.0.1").ipv6("none").build())) {
      assertThat(Expect.message(client, DerpMessage.Connected.class).node()).startsWith("900f");
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theFirstFailureIsToldWithTheOthersBesideIt(Way way) throws Exception {
    try (RunningRelay relay = new RunningRelay(way);
        DerpClient client =
            client(
                relay,
                node("900a", relay).derpPort(closedPort()).ipv4("127.0.0.1").build(),
                node("900b", relay).certName("other.test").build())) {
      assertThatExceptionOfType(DialException.class)
          .isThrownBy(client::connect)
          .satisfies(
              first -> {
                assertThat(first.step()).isEqualTo(DialStep.TCP);
                assertThat(first).hasMessageStartingWith("900a (derp.test): tcp: ");
                assertThat(first.getSuppressed())
                    .singleElement()
                    .isInstanceOfSatisfying(
                        DialException.class,
                        second -> assertThat(second.step()).isEqualTo(DialStep.TLS));
              });
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRegionWithoutRelaysIsAnError(Way way) throws Exception {
    try (RunningRelay relay = new RunningRelay(way);
        DerpClient client = client(relay, node("900a", relay).stunOnly(true).build())) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(client::connect)
          .withMessage("region 900: no relay in it");
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aPinnedNodeAndAnInsecureOneAreReached(Way way) throws Exception {
    Way pinned = new Way(way.original(), Way.Security.PIN, true, false, false);
    try (RunningRelay relay = new RunningRelay(pinned)) {
      String pin =
          ((dev.derp4j.client.dial.CertificateCheck.Pin) relay.endpoint().certificate()).sha256();
      DerpNode.Builder node = DerpNode.builder("900a", 900, "127.0.0.1").derpPort(relay.port());
      try (DerpClient client = client(relay, node.certName("sha256-raw:" + pin).build())) {
        client.connect();
      }
      try (DerpClient client = client(relay, node.certName("").insecureForTests(true).build())) {
        client.connect();
      }
      try (DerpClient client = client(relay, node.insecureForTests(false).build())) {
        assertThatExceptionOfType(DialException.class).isThrownBy(client::connect);
      }
    }
  }
}
