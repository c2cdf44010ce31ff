package dev.derp4j.examples;

import dev.derp4j.client.ClientClosedException;
import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpMessage;
import dev.derp4j.key.NodePrivateKey;
import java.io.IOException;
import java.time.Duration;

/// Sends every packet back to whom it came from.
///
/// ```text
/// EchoPeer https://derp.example.com
/// ```
///
/// It prints its key, the address for others, and runs until it is stopped.
public final class EchoPeer {
  private EchoPeer() {}

  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length != 1) {
      System.err.println("usage: EchoPeer URL");
      System.exit(2);
    }
    try (DerpClient client =
        DerpClient.builder(NodePrivateKey.generate())
            .url(arguments[0])
            .appName("echo-peer")
            .build()) {
      System.out.println(client.publicKey());
      echo(client);
    }
  }

  /// Echoes until the client is closed, whatever becomes of its connection.
  static void echo(DerpClient client) throws InterruptedException {
    while (true) {
      try {
        switch (client.receive()) {
          case DerpMessage.Packet(var source, var payload) -> client.send(source, payload);
          case DerpMessage.Disconnected(_, var reason) ->
              System.err.println("connection lost: " + reason);
          case DerpMessage _ -> {} // who came, who went, how the relay feels
        }
      } catch (ClientClosedException closed) {
        return;
      } catch (IOException unreachable) {
        System.err.println(unreachable.getMessage());
        Thread.sleep(Duration.ofSeconds(1)); // the relay may be back by then
      }
    }
  }
}
