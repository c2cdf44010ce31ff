package dev.derp4j.bench.load;

import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AddressRangeTest {
  @Test
  void readsOneAddressAndARangeOverAByteBoundary() throws UnknownHostException {
    assertThat(AddressRange.parse("127.0.0.7"))
        .extracting("hostAddress")
        .containsExactly("127.0.0.7");
    assertThat(AddressRange.parse("10.0.0.254-10.0.1.1"))
        .extracting("hostAddress")
        .containsExactly("10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1");
  }

  @Test
  void refusesWhatIsNoRange() {
    assertThatThrownBy(() -> AddressRange.parse("10.0.0.9-10.0.0.1")).hasMessageContaining("range");
    assertThatThrownBy(() -> AddressRange.parse("10.0.0.1-11.0.0.1")).hasMessageContaining("range");
  }
}
