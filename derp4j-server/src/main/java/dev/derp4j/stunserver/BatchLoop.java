package dev.derp4j.stunserver;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/// Serves a [BatchSocket]: a batch of requests in, a batch of answers out.
///
/// Two system calls answer up to [MessageBatch#CAPACITY] requests. No error ends the loop: reads
/// are tried again after a pause, an answer that cannot be sent is dropped and counted.
///
/// [#run] belongs to one thread; [#stop] may come from any.
final class BatchLoop implements StunLoop {
  private final BatchSocket socket;
  private final StunMetrics metrics;
  private final Responder responder;
  private final ReadFailures failures;
  private volatile boolean stopping;

  BatchLoop(BatchSocket socket, StunMetrics metrics, Consumer<String> log) {
    this.socket = socket;
    this.metrics = metrics;
    this.responder = new Responder(metrics);
    this.failures = new ReadFailures(metrics, log);
  }

  @Override
  public InetSocketAddress localAddress() {
    return socket.localAddress();
  }

  @Override
  public void stop() {
    stopping = true;
    failures.stop();
    socket.wake();
  }

  @Override
  public void run() {
    try (socket;
        Arena arena = Arena.ofConfined()) {
      MessageBatch batch = new MessageBatch(arena);
      while (!stopping) {
        try {
          serve(batch);
        } catch (RuntimeException e) {
          // A fault of ours. Nothing is known to cause one, but it must not silence the server.
          failures.failed(e.toString());
        }
      }
    }
  }

  /// For tests.
  BatchSocket socket() {
    return socket;
  }

  private void serve(MessageBatch batch) {
    int received = socket.receive(batch);
    if (received < 0) {
      readFailed(-received);
      return;
    }
    if (stopping) {
      return; // woken, which looks like empty datagrams from nobody
    }
    failures.succeeded();
    try {
      for (int i = 0; i < received; i++) {
        respond(batch, i);
      }
      send(batch);
    } finally {
      batch.prepareToReceive(received);
    }
  }

  private void readFailed(int errno) {
    if (errno != Errno.EINTR && errno != Errno.EAGAIN && !stopping) {
      failures.failed(Errno.text(errno));
    }
  }

  private void respond(MessageBatch batch, int i) {
    int length = batch.requestLength(i);
    int addressLength = batch.copySender(i, responder.address);
    if (length < 0 || addressLength == 0) {
      responder.refuse();
      return;
    }
    batch.copyRequest(i, length, responder.request);
    int answered = responder.respond(length, addressLength, batch.senderPort(i));
    if (answered > 0 && !batch.addAnswer(i, responder.answer, answered)) {
      metrics.noLocalAddress.increment();
    }
  }

  /// Sends what can be sent. One answer's failure (a port of 0, an address without a route, a full
  /// buffer) is not the next one's.
  private void send(MessageBatch batch) {
    int done = 0;
    int failed = 0;
    while (done < batch.answers()) {
      int sent = socket.send(batch, done);
      if (sent > 0) {
        done += sent;
      } else if (sent != -Errno.EINTR) {
        done++;
        failed++;
      }
    }
    if (done > failed) {
      metrics.success.add(done - failed);
    }
    if (failed > 0) {
      metrics.writeError.add(failed);
    }
  }
}
