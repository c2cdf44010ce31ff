/// The DERP client for Java programs: send, receive, reconnect.
///
/// Here live the public API ([dev.derp4j.client.DerpClient], its builder and messages), what
/// makes and keeps connections, and what a map's nodes are for the dialer. One connection belongs
/// to one event loop; callers on other threads reach it through bounded boxes, one each way. How
/// relays are dialled lives in `client.dial`, which knows nothing of this package; `client.watch`
/// builds on it.
///
/// ```java
/// NodePrivateKey key = NodePrivateKey.generate();
/// try (DerpClient client = DerpClient.builder(key).url("https://derp.example.com").build()) {
///   client.send(peer, "hello".getBytes(UTF_8));
///   System.out.println(client.receive());
/// }
/// ```
@NullMarked
package dev.derp4j.client;

import org.jspecify.annotations.NullMarked;
