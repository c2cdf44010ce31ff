package dev.derp4j.testkit;

import dev.derp4j.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// One connection through a [FaultProxy]: two sockets and, for each direction, a thread that reads
/// and one that writes, with a bounded queue between them so that delayed bytes do not keep later
/// ones from being read.
final class FaultyLink {
  private static final int CHUNK_BYTES = 16 * 1024;
  private static final int CHUNKS = 64;

  /// What was read: bytes, or how the stream ended.
  private record Chunk(ByteBuffer bytes, Kind kind, long readAt) {
    enum Kind {
      BYTES,
      END,
      RESET
    }
  }

  private final NetworkFaults faults;
  private final Socket client;
  private final Socket server;
  private final Consumer<FaultyLink> whenClosed;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final AtomicInteger openDirections = new AtomicInteger(2);
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean lost;

  /// A server socket that is not connected means that nothing will ever get there.
  FaultyLink(NetworkFaults faults, Socket client, Socket server, Consumer<FaultyLink> whenClosed) {
    this.faults = faults;
    this.client = client;
    this.server = server;
    this.whenClosed = whenClosed;
    this.lost = !server.isConnected();
  }

  void start() {
    carry(Direction.TO_SERVER, client, server);
    if (server.isConnected()) {
      carry(Direction.TO_CLIENT, server, client);
    }
  }

  /// Whether bytes of this connection vanished.
  boolean hasLost() {
    return lost;
  }

  /// Ends the connection with a reset at both ends.
  void reset() {
    close(true);
  }

  /// Closes a socket with a reset.
  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException alreadyClosed) {
      // and so it is closed below once more, which does no harm
    }
    close(socket);
  }

  private void carry(Direction direction, Socket from, Socket to) {
    BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(CHUNKS);
    start("fault-proxy-read", () -> read(direction, from, queue));
    start("fault-proxy-write", () -> write(direction, to, queue));
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private void start(String name, Work work) {
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .unstarted(
                () -> {
                  try {
                    work.run();
                  } catch (InterruptedException linkClosed) {
                    // which is what ends all threads
                  }
                });
    threads.add(thread);
    thread.start();
    if (closed.get()) {
      thread.interrupt();
    }
  }

  private void read(Direction direction, Socket from, BlockingQueue<Chunk> queue)
      throws InterruptedException {
    byte[] buffer = new byte[CHUNK_BYTES];
    try {
      for (int count = 0; count >= 0; ) {
        faults.awaitReading(direction);
        count = from.getInputStream().read(buffer);
        queue.put(
            count < 0
                ? new Chunk(ByteBuffer.allocate(0), Chunk.Kind.END, System.nanoTime())
                : new Chunk(
                    ByteBuffer.wrap(Arrays.copyOf(buffer, count)),
                    Chunk.Kind.BYTES,
                    System.nanoTime()));
      }
    } catch (IOException reset) {
      queue.put(new Chunk(ByteBuffer.allocate(0), Chunk.Kind.RESET, System.nanoTime()));
    }
  }

  private void write(Direction direction, Socket to, BlockingQueue<Chunk> queue)
      throws InterruptedException {
    long pacedFrom = System.nanoTime();
    long paced = 0;
    try {
      while (true) {
        Chunk chunk = queue.take();
        int remaining = chunk.bytes().remaining();
        if (chunk.readAt() - pacedFrom > 1_000_000_000L && queue.isEmpty()) {
          pacedFrom = chunk.readAt(); // silence is not saved up for a burst
          paced = 0;
        }
        do {
          int passing = faults.awaitPassage(direction, chunk.readAt(), remaining, pacedFrom, paced);
          if (passing == 0) {
            lose(direction);
            break;
          }
          if (chunk.kind() != Chunk.Kind.BYTES) {
            end(chunk.kind(), to);
            return;
          }
          to.getOutputStream()
              .write(chunk.bytes().array(), chunk.bytes().capacity() - remaining, passing);
          faults.forwarded(direction, passing);
          paced += passing;
          remaining -= passing;
        } while (remaining > 0);
      }
    } catch (IOException receiverIsGone) {
      close(true);
    }
  }

  /// The fault may have been healed just now, by someone who did not know yet of this loss.
  private void lose(Direction direction) {
    lost = true;
    if (!faults.swallows(direction)) {
      close(true);
    }
  }

  private void end(Chunk.Kind kind, Socket to) throws IOException {
    if (kind == Chunk.Kind.RESET) {
      close(true);
      return;
    }
    to.shutdownOutput();
    if (openDirections.decrementAndGet() == 0) {
      close(false);
    }
  }

  private void close(boolean withReset) {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    for (Socket socket : List.of(client, server)) {
      if (withReset) {
        reset(socket);
      } else {
        close(socket);
      }
    }
    whenClosed.accept(this);
    threads.forEach(Thread::interrupt);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyBroken) {
      // nothing is left to be closed
    }
  }
}
