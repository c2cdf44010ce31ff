package dev.derp4j.client;

import dev.derp4j.handshake.ServerInfo;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aServerWithoutARateTakesAnything() {
    TokenBucket bucket = TokenBucket.of(ServerInfo.plain(), 0);

    for (int i = 0; i < 1000; i++) {
      assertThat(bucket.take(65_573, 0)).isTrue();
    }
  }

  @Test
  void theBucketBeginsFullAndFillsAtItsRate() {
    TokenBucket bucket =
        TokenBucket.of(new ServerInfo(2, OptionalLong.of(100), OptionalLong.of(250)), 0);

    assertThat(bucket.take(200, 0)).isTrue();
    assertThat(bucket.take(51, 0)).isFalse();
    assertThat(bucket.take(50, 0)).isTrue();
    assertThat(bucket.take(100, SECOND / 2)).isFalse();
    assertThat(bucket.take(100, SECOND)).isTrue();
    assertThat(bucket.take(251, 100 * SECOND)).isFalse();
    assertThat(bucket.take(250, 100 * SECOND)).isTrue();
  }

  @Test
  void withoutABurstNothingPasses() {
    TokenBucket bucket =
        TokenBucket.of(new ServerInfo(2, OptionalLong.of(100), OptionalLong.empty()), 0);

    assertThat(bucket.take(1, SECOND)).isFalse();
  }
}
