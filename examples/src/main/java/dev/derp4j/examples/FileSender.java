package dev.derp4j.examples;

import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpMessage;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Sends a file to a [FileReceiver].
///
/// ```text
/// FileSender https://derp.example.com nodekey:<the receiver's> FILE
/// ```
///
/// DERP drops packets when a receiver is slow, so the two keep count themselves: at most sixteen
/// packets are under way (a relay keeps 32 for a receiver), the receiver says how far it has got,
/// and when it says nothing new for a while the sender goes back to there.
public final class FileSender {
  private static final int WINDOW = 16 * FileMessage.CHUNK;
  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final int TRIES = 60;

  private final DerpClient client;
  private final NodePublicKey receiver;
  private final long transfer = ThreadLocalRandom.current().nextLong();

  private FileSender(DerpClient client, NodePublicKey receiver) {
    this.client = client;
    this.receiver = receiver;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 3) {
      System.err.println("usage: FileSender URL RECEIVER-KEY FILE");
      System.exit(2);
    }
    try (DerpClient client =
        DerpClient.builder(NodePrivateKey.generate())
            .url(arguments[0])
            .appName("file-sender")
            .build()) {
      send(client, NodePublicKey.parse(arguments[1]), Path.of(arguments[2]));
      System.out.println("sent");
    }
  }

  /// Sends a file; returns when the receiver has it, whole.
  ///
  /// @throws IOException if the receiver refuses it, or says nothing for half a minute
  static void send(DerpClient client, NodePublicKey receiver, Path file)
      throws IOException, InterruptedException {
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
      new FileSender(client, receiver).send(content, String.valueOf(file.getFileName()));
    }
  }

  private void send(FileChannel content, String name) throws IOException, InterruptedException {
    long size = content.size();
    FileMessage offer = new FileMessage.Offer(transfer, size, sha256(content), name);
    long taken = -1; // the offer has not been answered
    long next = 0;
    int silences = 0;
    while (silences < TRIES) {
      if (taken < 0) {
        client.send(receiver, offer.encode());
      }
      while (taken >= 0 && next < size && next < taken + WINDOW) {
        byte[] chunk = read(content, next);
        client.send(receiver, new FileMessage.Data(transfer, next, chunk).encode());
        next += chunk.length;
      }
      long before = taken;
      switch (answer().orElse(null)) {
        case FileMessage.Taken(_, var offset) when offset > before -> {
          taken = offset;
          next = Math.max(next, taken);
          silences = 0;
        }
        case FileMessage.End(_, var whole) -> {
          if (!whole) {
            throw new IOException("the receiver does not take the file");
          }
          return;
        }
        case null -> {
          silences++;
          next = Math.max(0, taken); // something was lost
          if (taken == size) {
            client.send(receiver, offer.encode()); // it may be the end that was
          }
        }
        default -> {} // an answer overtaken by another
      }
    }
    throw new IOException("the receiver does not answer");
  }

  /// What the receiver says next; empty if it says nothing for a while.
  private Optional<FileMessage> answer() throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      Optional<DerpMessage> message = client.receive(left);
      if (message.isEmpty()) {
        return Optional.empty();
      }
      if (message.get() instanceof DerpMessage.Packet(var source, var payload)
          && source.equals(receiver)) {
        Optional<FileMessage> answer = FileMessage.decode(payload);
        if (answer.isPresent() && answer.get().transfer() == transfer) {
          return answer;
        }
      }
    }
  }

  private static byte[] read(FileChannel content, long offset) throws IOException {
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(FileMessage.CHUNK, content.size() - offset));
    while (chunk.hasRemaining()) {
      if (content.read(chunk, offset + chunk.position()) < 0) {
        throw new IOException("the file has become shorter");
      }
    }
    return chunk.array();
  }

  private static byte[] sha256(FileChannel content) throws IOException {
    MessageDigest digest = Digests.sha256();
    for (long offset = 0; offset < content.size(); offset += FileMessage.CHUNK) {
      digest.update(read(content, offset));
    }
    return digest.digest();
  }

  /// SHA-256, which every Java has.
  static final class Digests {
    private Digests() {}

    static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }
}
