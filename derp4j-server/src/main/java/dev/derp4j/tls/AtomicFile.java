package dev.derp4j.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Files that are there whole or not at all, whenever the power goes.
final class AtomicFile {
  private AtomicFile() {}

  /// Replaces the file. Readers see the old content or the new, never a part, and never with wider
  /// permissions.
  ///
  /// @param directory the one the file is in
  /// @param permissions such as `rw-r--r--`; ignored where the file system has none
  static void write(Path directory, Path file, byte[] content, String permissions)
      throws IOException {
    Path draft =
        Files.createTempFile(
            directory, file.getFileName() + ".", ".new"); // Made for its owner alone.
    try {
      try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      if (Files.getFileStore(draft).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString(permissions));
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /// Makes the directory and those above it where they are missing, for their owner alone.
  static void makeDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path above = directory.toAbsolutePath().getParent();
    if (above != null) {
      makeDirectory(above);
    }
    Files.createDirectory(directory);
    if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }
}
