package dev.derp4j.frame;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FrameTypeTest {
  @Test
  void everyTypeIsFoundByItsCode() {
    for (FrameType type : FrameType.values()) {
      assertThat(FrameType.fromCode(type.code())).isEqualTo(type);
    }
  }

  @Test
  void anyOtherCodeIsNoType() {
    for (int code :
        new int[] {
          -1, 0x00, 0x0b, 0x0f, 0x16, 0x77, 0xff, 0x100, Integer.MAX_VALUE, Integer.MIN_VALUE
        }) {
      assertThat(FrameType.fromCode(code)).as("code %d", code).isNull();
    }
  }

  @Test
  void everyTypeHasASender() {
    for (FrameType type : FrameType.values()) {
      assertThat(type.sentByClient() || type.sentByServer()).as("%s", type).isTrue();
    }
  }
}
