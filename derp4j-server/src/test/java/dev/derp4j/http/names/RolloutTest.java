package dev.derp4j.http.names;

import java.net.InetAddress;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class RolloutTest {
  /// Drawn by Go's `math/rand/v2` from `NewPCG` of the two halves of the address.
  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 0.47689964066296187",
    "203.0.113.99, 0.38217914939375397",
    "2001:db8::1, 0.17365074425987426",
    "8.8.8.8, 0.35032690643351905"
  })
  void anAddressHasThePlaceThatTheOriginalDraws(String address, double place) {
    InetAddress client = InetAddress.ofLiteral(address);
    assertThat(Rollout.place(client)).isEqualTo(place);
    assertThat(Rollout.includes(client, (int) Math.ceil(place * 100))).isTrue();
    assertThat(Rollout.includes(client, (int) Math.floor(place * 100))).isFalse();
  }

  @Test
  void aTenthIsATenthOfManyAddresses() {
    long included =
        IntStream.range(0, 10_000)
            .mapToObj(i -> InetAddress.ofLiteral("10.1." + i / 256 + "." + i % 256))
            .filter(client -> Rollout.includes(client, 10))
            .count();
    assertThat(included).isBetween(800L, 1200L);
  }

  @Test
  void loopbackSeesNothingOfZeroAndAllOfAHundred() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int i = 0; i < 50; i++) {
      assertThat(Rollout.includes(loopback, 0)).isFalse();
      assertThat(Rollout.includes(loopback, 100)).isTrue();
    }
  }
}
