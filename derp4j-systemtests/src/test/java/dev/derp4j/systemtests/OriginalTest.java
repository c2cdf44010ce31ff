package dev.derp4j.systemtests;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// Says whether the suite ran against the original.
class OriginalTest {
  @Test
  void theOriginalIsAmongTheRelaysOfTheSuite() {
    assumeTrue(
        OriginalDerper.binary().isPresent(),
        "SKIPPED: DERP4J_ORIGINAL_DERPER names no derper of the original; interop/run builds one");

    assertThat(DerpClientTest.ways()).anyMatch(Way::original);
  }
}
