package dev.derp4j.server;

import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.key.MeshKey;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.testkit.DerpTestClient;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static dev.derp4j.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Who may come in, over real sockets.
class DerpRelayAdmissionTest {
  @AutoClose private final CapturedLog log = new CapturedLog();

  @Test
  void bannedAppNamesAreTurnedAwayAndCountedAndMeshPeersAreNot() throws Exception {
    MeshKey meshKey = MeshKey.generate();
    AdmissionConfig ban = AdmissionConfig.NONE.withDisallowedAppNames(Set.of("tool"));
    try (TestRelay relay =
            TestRelay.start(Wiring.overTls(), config -> config.admission(ban).meshKey(meshKey));
        DerpTestClient other = relay.connect(relay.options().appName("other"));
        DerpTestClient peer = relay.connect(relay.options().appName("tool").meshKey(meshKey))) {
      assertThatThrownBy(() -> relay.connect(relay.options().appName("tool")))
          .isInstanceOf(AssertionError.class);
      eventually(() -> assertThat(relay.closed(CloseReason.NOT_ADMITTED)).isEqualTo(1));
      Packets.pass(other, peer, Packets.numbered(1, 100));
      Varz varz = relay.varz();
      assertThat(varz.get("derp4j_admission_total{reason=\"app_name\",verdict=\"rejected\"}"))
          .isEqualTo(1);
      assertThat(varz.get("derp4j_admission_total{reason=\"no_objection\",verdict=\"admitted\"}"))
          .isEqualTo(1);
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.matches(
                      "derp: 127\\.0\\.0\\.1:\\d+: client nodekey:[0-9a-f]{64} rejected:"
                          + " disallowed app name \"tool\""));
    }
  }

  @Test
  void withoutAnyRuleNothingIsDecidedOrCounted() throws Exception {
    try (TestRelay relay = TestRelay.start(Wiring.plain());
        DerpTestClient client = relay.connect(relay.options().appName("tool"))) {
      Packets.pass(client, client, Packets.numbered(1, 100));
      assertThat(relay.varz().values().keySet())
          .noneMatch(name -> name.startsWith("derp4j_admission_total"));
      assertThat(relay.value(Metric.DERP_ACCEPTS)).isEqualTo(1);
    }
  }
}
