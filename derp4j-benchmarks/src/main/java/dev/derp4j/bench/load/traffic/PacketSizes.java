package dev.derp4j.bench.load.traffic;

import java.util.Locale;
import java.util.random.RandomGenerator;

/// How large packets are: all alike, or a mix as the Internet shows it.
public sealed interface PacketSizes {
  /// Every packet has this many bytes.
  record Fixed(int size) implements PacketSizes {
    @Override
    public int next(RandomGenerator random) {
      return size;
    }

    @Override
    public int largest() {
      return size;
    }

    @Override
    public String toString() {
      return Integer.toString(size);
    }
  }

  /// Sizes 60, 260 and 1280 in the proportion 7:4:1, the simple Internet mix with sizes that fit a
  /// tunnel whose inner MTU is 1280.
  record InternetMix() implements PacketSizes {
    @Override
    public int next(RandomGenerator random) {
      int draw = random.nextInt(12);
      return draw < 7 ? 60 : draw < 11 ? 260 : 1280;
    }

    @Override
    public int largest() {
      return 1280;
    }

    @Override
    public String toString() {
      return "imix";
    }
  }

  /// The size of the next packet.
  int next(RandomGenerator random);

  /// The most that [#next] gives.
  int largest();

  /// Reads a number of bytes, or `imix`.
  static PacketSizes parse(String text) {
    if (text.toLowerCase(Locale.ROOT).equals("imix")) {
      return new InternetMix();
    }
    int size;
    try {
      size = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--size wants a number or imix, not " + text, e);
    }
    if (size < PacketStamp.LENGTH || size > 65536) {
      throw new IllegalArgumentException(
          "a packet has " + PacketStamp.LENGTH + " to 65536 bytes, not " + text);
    }
    return new Fixed(size);
  }
}
