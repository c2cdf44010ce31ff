package dev.derp4j.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ReloadsTest {
  private static final long LIMIT_SECONDS = 60;

  @TempDir Path directory;

  private final Reloads reloads = new Reloads(Duration.ofMillis(5));
  private final BlockingQueue<String> read = new LinkedBlockingQueue<>();
  private Path file;

  @BeforeEach
  void aFile() throws IOException {
    file = Files.writeString(directory.resolve("file"), "one");
  }

  @AfterEach
  void close() {
    reloads.close();
  }

  @Test
  void aChangedFileIsReadAgain() throws Exception {
    reloads.watch(contents(), () -> List.of(file));

    Files.writeString(file, "second");

    assertThat(next()).isEqualTo("second");
  }

  @Test
  void aFileThatWasPutInThePlaceOfAnotherIsRead() throws Exception {
    reloads.watch(contents(), () -> List.of(file));
    Path fresh = Files.writeString(directory.resolve("fresh"), "new");
    Files.setLastModifiedTime(fresh, Files.getLastModifiedTime(file));

    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);

    assertThat(next()).isEqualTo("new");
  }

  @Test
  void aLinkTurnedToAnotherFileIsRead() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    reloads.watch(of(link), () -> List.of(link));
    Path other = Files.writeString(directory.resolve("other"), "else");

    Path turned = Files.createSymbolicLink(directory.resolve("turned"), other);
    Files.move(turned, link, StandardCopyOption.ATOMIC_MOVE);

    assertThat(next()).isEqualTo("else");
  }

  @Test
  void aFileThatComesLaterIsRead() throws Exception {
    Path later = directory.resolve("later");
    reloads.watch(of(later), () -> List.of(later));

    Files.writeString(later, "here");

    assertThat(next()).isEqualTo("here");
  }

  @Test
  void whatIsNotWatchedIsReadOnRequest() throws Exception {
    reloads.add(contents());

    reloads.reloadAll();

    assertThat(next()).isEqualTo("one");
  }

  @Test
  void oneThatFailsKeepsNobodyElseFromBeingRead() throws Exception {
    reloads.add(
        new Reloadable() {
          @Override
          public String name() {
            return "bad";
          }

          @Override
          public List<String> reload() throws ReloadException {
            throw new ReloadException("no good");
          }
        });
    reloads.add(
        new Reloadable() {
          @Override
          public String name() {
            return "worse";
          }

          @Override
          public List<String> reload() {
            throw new IllegalStateException("a fault of ours");
          }
        });
    reloads.add(contents());

    reloads.reloadAll();
    assertThat(next()).isEqualTo("one");
    reloads.reloadAll();
    assertThat(next()).isEqualTo("one");
  }

  @Test
  void aClosedOneReadsNothing() {
    reloads.add(contents());

    reloads.close();
    reloads.reloadAll();

    assertThat(read).isEmpty();
  }

  private Reloadable contents() {
    return of(file);
  }

  private Reloadable of(Path path) {
    return new Reloadable() {
      @Override
      public String name() {
        return path.getFileName().toString();
      }

      @Override
      public List<String> reload() throws ReloadException {
        try {
          String text = Files.readString(path);
          read.add(text);
          return List.of("read " + text);
        } catch (IOException e) {
          throw new ReloadException("cannot read " + path, e);
        }
      }
    };
  }

  private String next() throws InterruptedException {
    String text = read.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(text).as("something read").isNotNull();
    return text;
  }
}
