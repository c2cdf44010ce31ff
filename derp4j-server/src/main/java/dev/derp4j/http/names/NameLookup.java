package dev.derp4j.http.names;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Answers of the domain name system. Thread-safe; no call blocks.
public interface NameLookup extends AutoCloseable {
  /// All addresses of a name, IPv4 and IPv6; never an empty list, but a failure.
  CompletableFuture<List<InetAddress>> addresses(String name);

  /// All texts of a name; empty if it has none.
  CompletableFuture<List<String>> texts(String name);

  @Override
  void close();
}
