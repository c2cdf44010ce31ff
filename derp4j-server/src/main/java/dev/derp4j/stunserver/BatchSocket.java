package dev.derp4j.stunserver;

import java.net.InetSocketAddress;

/// A bound UDP socket that moves many datagrams per call; what [BatchLoop] needs of the system.
///
/// Owned by the server's thread, but for [#wake].
interface BatchSocket extends AutoCloseable {
  InetSocketAddress localAddress();

  /// Waits for requests and puts those that are there into the batch, which is prepared for it.
  ///
  /// @return how many, or a negated error number; EAGAIN after about a second of silence
  int receive(MessageBatch batch);

  /// Sends the batch's answers from number `first` on, without waiting for room.
  ///
  /// @return how many went out (at least one), or the negated error number of answer `first`
  int send(MessageBatch batch, int first);

  /// Makes this and every later [#receive] return at once. From any thread.
  void wake();

  @Override
  void close();
}
