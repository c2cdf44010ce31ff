package dev.derp4j.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.encoders.DecoderException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/// Blocks between `-----BEGIN` and `-----END` in a file; what lies outside of them is comment.
final class Pem {
  /// More than any chain needs; less than what a mistaken path could make us swallow.
  private static final int MAX_FILE_BYTES = 1 << 20;

  private Pem() {}

  static List<PemObject> read(Path file) throws TlsConfigException {
    try (PemReader reader = new PemReader(new StringReader(text(file)))) {
      List<PemObject> blocks = new ArrayList<>();
      for (@Nullable PemObject block = reader.readPemObject();
          block != null;
          block = reader.readPemObject()) {
        blocks.add(block);
      }
      return blocks;
    } catch (IOException | DecoderException malformed) {
      throw new TlsConfigException(file + ": malformed PEM: " + firstLine(malformed));
    }
  }

  static byte[] write(String type, byte[] content) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, content));
    } catch (IOException impossible) {
      throw new IllegalStateException("writing to memory", impossible);
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(Path file) throws TlsConfigException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new TlsConfigException(file + ": larger than any certificate or key");
      }
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException failed) {
      throw new TlsConfigException(file + ": cannot be read: " + reason(failed));
    }
  }

  /// What the file system has against it, in a few words. The exception's own message is often the
  /// bare path.
  static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> "no such file";
      case AccessDeniedException denied -> "permission denied";
      case FileAlreadyExistsException taken -> "something else has its place";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> firstLine(failure);
    };
  }

  static String firstLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
