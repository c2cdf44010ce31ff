package dev.derp4j.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Leaks on purpose and takes the reports away before the extension sees them.
class LeakDetectionTest {
  private static void leak(int bytes) {
    ByteBuf lost = PooledByteBufAllocator.DEFAULT.directBuffer(bytes);
    lost.writeByte(1);
  }

  @Test
  void aLostBufferIsReportedWithWhereItWasUsed() {
    leak(64);
    assertThat(LeakDetection.collect())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("ByteBuf was not released")
        .contains("LeakDetectionTest.leak");
    assertThat(LeakDetection.collect()).isEmpty();
  }

  @Test
  void aLostBufferFailsItsTestClass() {
    leakElsewhere();
    assertThatThrownBy(() -> LeakDetection.assertNoLeaks("this class"))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("1 leaks until the end of this class:")
        .hasMessageContaining("leakElsewhere");
  }

  /// Netty reports each place of a leak once, so this needs a place of its own.
  private static void leakElsewhere() {
    PooledByteBufAllocator.DEFAULT.directBuffer(64).writeByte(1);
  }

  @Test
  void buffersThatAreReleasedOrStillHeldAreNoLeak() {
    ByteBuf held = PooledByteBufAllocator.DEFAULT.directBuffer(64);
    ByteBuf released = PooledByteBufAllocator.DEFAULT.directBuffer(64);
    released.release();
    assertThat(LeakDetection.collect()).isEmpty();
    held.release();
  }
}
