package dev.derp4j.bench.load.traffic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class PacketSizesTest {
  @Test
  void theMixKeepsItsProportions() {
    PacketSizes mix = PacketSizes.parse("imix");
    SplittableRandom random = new SplittableRandom(1);
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < 12_000; i++) {
      counts.merge(mix.next(random), 1, Integer::sum);
    }

    assertThat(counts).containsOnlyKeys(60, 260, 1280);
    assertThat(counts.get(60)).isCloseTo(7000, within(300));
    assertThat(counts.get(260)).isCloseTo(4000, within(300));
    assertThat(counts.get(1280)).isCloseTo(1000, within(150));
  }

  @Test
  void aSizeThatHoldsNoStampOrFitsNoFrameIsRefused() {
    assertThat(PacketSizes.parse("24").largest()).isEqualTo(24);
    assertThat(PacketSizes.parse("65536").largest()).isEqualTo(65536);
    assertThatThrownBy(() -> PacketSizes.parse("23")).hasMessageContaining("24 to 65536");
    assertThatThrownBy(() -> PacketSizes.parse("65537")).hasMessageContaining("24 to 65536");
    assertThatThrownBy(() -> PacketSizes.parse("large")).hasMessageContaining("large");
  }

  @Test
  void onlyDiscoBeginsLikeDisco() {
    ByteBuf packet = Unpooled.buffer(PacketStamp.LENGTH).writeZero(PacketStamp.LENGTH);
    PacketStamp.write(packet, 0, PacketStamp.DATA, 41, 42);
    assertThat(packet.toString(0, 6, UTF_8)).isNotEqualTo("TS💬");
    assertThat(PacketStamp.isDisco(packet, 0)).isFalse();

    PacketStamp.write(packet, 0, PacketStamp.DISCO, 41, 42);
    assertThat(packet.toString(0, 6, UTF_8)).isEqualTo("TS💬");
    assertThat(PacketStamp.isDisco(packet, 0)).isTrue();
    assertThat(PacketStamp.isOurs(packet, 0, PacketStamp.LENGTH)).isTrue();
    assertThat(PacketStamp.isOurs(packet, 0, PacketStamp.LENGTH - 1)).isFalse();
    assertThat(PacketStamp.sequence(packet, 0)).isEqualTo(41);
    assertThat(PacketStamp.due(packet, 0)).isEqualTo(42);
  }
}
