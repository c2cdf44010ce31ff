package dev.derp4j.server;

import dev.derp4j.frame.Frame;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.testkit.DerpTestClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Packets that can be told apart and checked.
///
/// ```text
///  0        4
///  +--------+---------------------------------------+
///  | number | bytes that follow from number and place |
///  +--------+---------------------------------------+
/// ```
final class Packets {
  /// The least that a number needs.
  static final int LEAST = Integer.BYTES;

  private static final byte[] DISCO_MAGIC = "TS💬".getBytes(StandardCharsets.UTF_8);
  private static final int DISCO_LEAST = 62;

  private Packets() {}

  /// A packet that carries its number.
  static byte[] numbered(int number, int length) {
    byte[] packet = ByteBuffer.allocate(length).putInt(number).array();
    for (int i = LEAST; i < length; i++) {
      packet[i] = (byte) (number * 31 + i);
    }
    return packet;
  }

  /// The number of a packet of which not a bit has changed.
  static int numberOf(byte[] packet) {
    int number = ByteBuffer.wrap(packet).getInt();
    if (!Arrays.equals(packet, numbered(number, packet.length))) {
      throw new AssertionError("packet " + number + " of " + packet.length + " bytes has changed");
    }
    return number;
  }

  /// The smallest packet that counts as path discovery.
  static byte[] disco() {
    return Arrays.copyOf(DISCO_MAGIC, DISCO_LEAST);
  }

  /// The next packet that a client receives; it must come before anything else but a KeepAlive.
  static Frame.RecvPacket receive(DerpTestClient client) throws IOException {
    Frame frame = client.read(Eventually.LIMIT);
    while (frame instanceof Frame.KeepAlive) {
      frame = client.read(Eventually.LIMIT);
    }
    if (frame instanceof Frame.RecvPacket packet) {
      return packet;
    }
    throw new AssertionError("expected a packet but got " + frame);
  }

  /// Sends a packet and makes sure that it arrives as it was, and nothing before it.
  static void pass(DerpTestClient from, DerpTestClient to, byte[] packet) throws IOException {
    from.send(to.publicKey(), packet);
    expect(to, from.publicKey(), packet);
  }

  static void expect(DerpTestClient at, NodePublicKey source, byte[] packet) throws IOException {
    Frame.RecvPacket got = receive(at);
    if (!got.source().equals(source) || !Arrays.equals(got.payload(), packet)) {
      throw new AssertionError("expected " + packet.length + " bytes from " + source + ": " + got);
    }
  }
}
