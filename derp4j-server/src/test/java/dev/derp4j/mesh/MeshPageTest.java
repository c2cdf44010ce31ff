package dev.derp4j.mesh;

import dev.derp4j.routing.Registry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MeshPageTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final Registry.Region REGION = new Registry.Region(12, 7, 0, 0, 0);

  private static NeighbourStatus neighbour(String name, String error) {
    return new NeighbourStatus(
        name,
        NeighbourStatus.State.CONNECTED,
        Optional.of("192.0.2.1:443"),
        Optional.empty(),
        NOW.minusSeconds(3_725),
        5,
        10,
        1_000,
        20,
        2_000,
        new NeighbourStatus.Drops(3, 4),
        2,
        Optional.of(error),
        Optional.of(NOW.minusSeconds(90)));
  }

  @Test
  void thePageTellsEverythingOfANeighbourAndTakesNoMarkupFromIt() {
    String page =
        MeshPage.html(List.of(neighbour("b.example.com", "Recv: <b>\"no\"</b>")), REGION, NOW);
    assertThat(page)
        .contains("b.example.com", "connected for 1 h 2 min", "192.0.2.1:443", "12 keys")
        .contains(">5<", ">10<", ">1000<", ">20<", ">2000<", ">7<", ">1<", "(1 min 30 s ago)")
        .contains("&lt;b&gt;&#34;no&#34;&lt;/b&gt;")
        .doesNotContain("<b>");
  }

  @Test
  void aRelayWithoutNeighboursSaysSo() {
    assertThat(MeshPage.html(List.of(), REGION, NOW)).contains("No neighbours");
  }

  @Test
  void theJsonHasAllFieldsAndNullForWhatIsNotThere() {
    assertThat(MeshPage.json(List.of(neighbour("b", "a \"quote\"\n")), REGION))
        .isEqualTo(
            "{\"keys\":12,\"remoteKeys\":7,\"neighbours\":[{\"name\":\"b\",\"state\":\"connected\","
                + "\"since\":\"2026-11-25T10:57:55Z\",\"address\":\"192.0.2.1:443\",\"key\":null,"
                + "\"keys\":5,\"packetsOut\":10,\"bytesOut\":1000,\"packetsIn\":20,"
                + "\"bytesIn\":2000,\"droppedQueueFull\":3,\"droppedDisconnected\":4,"
                + "\"reconnects\":1,\"lastError\":\"a \\\"quote\\\"\\u000a\","
                + "\"lastErrorAt\":\"2026-11-25T11:58:30Z\"}]}\n");
  }
}
