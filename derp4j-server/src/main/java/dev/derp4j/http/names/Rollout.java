package dev.derp4j.http.names;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/// Which clients a name is told to, while it is told to a part of them.
///
/// A client's place in the order is the first number of the generator PCG-DXSM (O'Neill's PCG
/// family, 128 bits of state) that is seeded with its address. The originals draw the same number,
/// so that a client stays on its side when the relay's program changes.
final class Rollout {
  private static final long MULTIPLIER_HIGH = 0x2360ed051fc65da4L;
  private static final long MULTIPLIER_LOW = 0x4385df649fccf645L;
  private static final long INCREMENT_HIGH = 0x5851f42d4c957f2dL;
  private static final long INCREMENT_LOW = 0x14057b7ef767814fL;
  private static final long CHEAP_MULTIPLIER = 0xda942042e4dd58b5L;
  private static final double UNIT = 0x1p-53;

  private Rollout() {}

  /// @param percent 0 to 100
  static boolean includes(InetAddress client, int percent) {
    if (percent == 0 || percent == 100) {
      return percent == 100;
    }
    // As the originals: whoever tries it out at home sees both.
    double place =
        client.isLoopbackAddress() ? ThreadLocalRandom.current().nextDouble() : place(client);
    return percent / 100.0 > place;
  }

  /// From 0 to less than 1, always the same for an address.
  static double place(InetAddress client) {
    ByteBuffer seed = ByteBuffer.wrap(sixteenBytes(client)).order(ByteOrder.LITTLE_ENDIAN);
    long high = seed.getLong();
    long low = seed.getLong();
    long nextLow = low * MULTIPLIER_LOW;
    long nextHigh =
        Math.unsignedMultiplyHigh(low, MULTIPLIER_LOW)
            + high * MULTIPLIER_LOW
            + low * MULTIPLIER_HIGH;
    nextLow += INCREMENT_LOW;
    nextHigh += INCREMENT_HIGH + (Long.compareUnsigned(nextLow, INCREMENT_LOW) < 0 ? 1 : 0);
    long mixed = nextHigh ^ nextHigh >>> 32;
    mixed *= CHEAP_MULTIPLIER;
    mixed ^= mixed >>> 48;
    mixed *= nextLow | 1;
    return (mixed << 11 >>> 11) * UNIT;
  }

  private static byte[] sixteenBytes(InetAddress client) {
    byte[] bytes = client.getAddress();
    return client instanceof Inet4Address
        ? ByteBuffer.allocate(16).put(10, (byte) 0xff).put(11, (byte) 0xff).put(12, bytes).array()
        : bytes;
  }
}
