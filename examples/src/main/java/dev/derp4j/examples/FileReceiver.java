package dev.derp4j.examples;

import dev.derp4j.client.ClientClosedException;
import dev.derp4j.client.DerpClient;
import dev.derp4j.client.DerpMessage;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes files from [FileSender]s, one at a time, into a directory.
///
/// ```text
/// FileReceiver https://derp.example.com DIRECTORY
/// ```
///
/// It prints its key, which senders need. A file that is there already is never overwritten, a name
/// with a path in it is refused, and so is a file over a gigabyte. Until a file is whole it is
/// called `<name>.part`.
public final class FileReceiver {
  private static final long LARGEST = 1 << 30;

  private final DerpClient client;
  private final Path directory;
  private @Nullable Incoming incoming;
  private @Nullable Finished finished;

  /// The last transfer, whose end may have to be told twice.
  private record Finished(NodePublicKey sender, long transfer, boolean whole) {}

  FileReceiver(DerpClient client, Path directory) {
    this.client = client;
    this.directory = directory;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 2 || !Files.isDirectory(Path.of(arguments[1]))) {
      System.err.println("usage: FileReceiver URL DIRECTORY");
      System.exit(2);
    }
    try (DerpClient client =
        DerpClient.builder(NodePrivateKey.generate())
            .url(arguments[0])
            .appName("file-receiver")
            .build()) {
      System.out.println(client.publicKey());
      FileReceiver receiver = new FileReceiver(client, Path.of(arguments[1]));
      while (true) {
        System.out.println("received " + receiver.receive());
      }
    }
  }

  /// Receives one file.
  ///
  /// @return where it is
  /// @throws ClientClosedException if the client was closed
  Path receive() throws IOException, InterruptedException {
    while (true) {
      if (client.receive() instanceof DerpMessage.Packet(var source, var payload)) {
        Optional<FileMessage> message = FileMessage.decode(payload);
        Optional<Path> file = message.isPresent() ? take(source, message.get()) : Optional.empty();
        if (file.isPresent()) {
          return file.get();
        }
      }
    }
  }

  private Optional<Path> take(NodePublicKey sender, FileMessage message)
      throws IOException, InterruptedException {
    Finished last = finished;
    if (last != null && last.sender().equals(sender) && last.transfer() == message.transfer()) {
      client.send(sender, new FileMessage.End(message.transfer(), last.whole()).encode());
      return Optional.empty();
    }
    Incoming current = incoming;
    if (current == null || !current.isOf(sender, message)) {
      return message instanceof FileMessage.Offer offer ? begin(sender, offer) : Optional.empty();
    }
    return switch (message) {
      case FileMessage.Data data -> {
        current.add(data);
        yield progress(current);
      }
      case FileMessage.Offer _ -> progress(current);
      case FileMessage.Taken _, FileMessage.End _ -> Optional.empty();
    };
  }

  /// A new offer takes the place of a transfer under way: its sender may be long gone.
  private Optional<Path> begin(NodePublicKey sender, FileMessage.Offer offer)
      throws IOException, InterruptedException {
    if (incoming != null) {
      incoming.abandon();
      incoming = null;
    }
    Path name = Path.of(offer.name()).getFileName();
    boolean plain = name != null && name.toString().equals(offer.name());
    if (!plain || offer.size() > LARGEST || Files.exists(directory.resolve(offer.name()))) {
      end(sender, offer.transfer(), false);
      return Optional.empty();
    }
    Incoming started = new Incoming(sender, offer, directory.resolve(offer.name()));
    incoming = started;
    return progress(started);
  }

  private Optional<Path> progress(Incoming current) throws IOException, InterruptedException {
    if (current.taken < current.offer.size()) {
      FileMessage taken = new FileMessage.Taken(current.offer.transfer(), current.taken);
      client.send(current.sender, taken.encode());
      return Optional.empty();
    }
    incoming = null;
    boolean whole = current.finish();
    end(current.sender, current.offer.transfer(), whole);
    return whole ? Optional.of(current.file) : Optional.empty();
  }

  private void end(NodePublicKey sender, long transfer, boolean whole)
      throws IOException, InterruptedException {
    finished = new Finished(sender, transfer, whole);
    client.send(sender, new FileMessage.End(transfer, whole).encode());
  }

  /// A file on its way.
  private static final class Incoming {
    private final NodePublicKey sender;
    private final FileMessage.Offer offer;
    private final Path file;
    private final Path part;
    private final OutputStream out;
    private final MessageDigest digest = FileSender.Digests.sha256();
    private long taken;

    Incoming(NodePublicKey sender, FileMessage.Offer offer, Path file) throws IOException {
      this.sender = sender;
      this.offer = offer;
      this.file = file;
      this.part = file.resolveSibling(offer.name() + ".part");
      this.out = Files.newOutputStream(part);
    }

    boolean isOf(NodePublicKey from, FileMessage message) {
      return sender.equals(from) && offer.transfer() == message.transfer();
    }

    /// Takes what comes next; what came before or is too early is passed over.
    void add(FileMessage.Data data) throws IOException {
      if (data.offset() == taken && data.bytes().length <= offer.size() - taken) {
        out.write(data.bytes());
        digest.update(data.bytes());
        taken += data.bytes().length;
      }
    }

    /// Whether the file is what was offered.
    boolean finish() throws IOException {
      out.close();
      boolean whole = MessageDigest.isEqual(digest.digest(), offer.sha256());
      if (whole) {
        Files.move(part, file);
      } else {
        Files.delete(part);
      }
      return whole;
    }

    void abandon() throws IOException {
      out.close();
      Files.deleteIfExists(part);
    }
  }
}
