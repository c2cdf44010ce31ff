package dev.derp4j.server;

import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RelayConfigTest {
  private static RelayConfig.Builder builder() {
    return RelayConfig.builder(NodePrivateKey.generate());
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, :80",
    "::, :80",
    "127.0.0.1, 127.0.0.1:80",
    "::1, [0:0:0:0:0:0:0:1]:80",
  })
  void theListenAddressIsShownAsOperatorsWriteIt(String host, String text) {
    RelayConfig config = builder().listen(new InetSocketAddress(host, 80)).build();
    assertThat(config.listenText()).isEqualTo(text);
  }

  static Stream<Arguments> nonsense() {
    return Stream.of(
        nonsense("STUN port 65536 is not between 0 and 65535", b -> b.stunPort(65536)),
        nonsense("STUN port -1 is not between 0 and 65535", b -> b.stunPort(-1)),
        nonsense(
            "HTTP port -1 is not between 0 and 65535",
            b -> b.certificate(Path.of("c"), "a.example").httpPort(-1)),
        nonsense(
            "an HTTP port beside the relay's own needs TLS on the latter", b -> b.httpPort(80)),
        nonsense("unknown home value \"elsewhere\"", b -> b.home("elsewhere")),
        nonsense(
            "cannot resolve listen address no.invalid",
            b -> b.listen(InetSocketAddress.createUnresolved("no.invalid", 1))),
        nonsense(
            "TCP keepalive time -1ms is negative", b -> b.tcpKeepaliveTime(Duration.ofMillis(-1))),
        nonsense("TCP user timeout -1ms is negative", b -> b.tcpUserTimeout(Duration.ofMillis(-1))),
        nonsense(
            "TCP write timeout -1ms is negative", b -> b.tcpWriteTimeout(Duration.ofMillis(-1))),
        nonsense("drain time -1ms is negative", b -> b.drainTime(Duration.ofMillis(-1))),
        nonsense("send queue depth 0 is less than 1", b -> b.sendQueueDepth(0)),
        nonsense("number of event loops -1 is negative", b -> b.eventLoops(-1)));
  }

  private static Arguments nonsense(String line, UnaryOperator<RelayConfig.Builder> mistake) {
    return Arguments.of(line, mistake);
  }

  @ParameterizedTest
  @MethodSource("nonsense")
  void aValueThatMakesNoSenseIsRefusedInOneLine(
      String line, UnaryOperator<RelayConfig.Builder> mistake) {
    RelayConfig.Builder builder = mistake.apply(builder());
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(line);
  }

  @Test
  void laterChangesOfTheEnvironmentDoNotReachTheRelay() {
    Map<String, String> environment = new HashMap<>(Map.of("TS_X", "1"));
    RelayConfig config = builder().environment(environment).build();
    environment.put("TS_X", "2");
    assertThat(config.environment()).containsExactly(Map.entry("TS_X", "1"));
  }

  @Test
  void aTextOfTheConfigurationHoldsNoSecret() {
    MeshKey meshKey = MeshKey.generate();
    RelayConfig config = builder().meshKey(meshKey).environment(Map.of("TS_K", "secret")).build();
    assertThat(config.toString())
        .isEqualTo("RelayConfig[:443, STUN on 3478]")
        .doesNotContain(meshKey.secretText(), config.privateKey().secretText(), "secret");
  }
}
