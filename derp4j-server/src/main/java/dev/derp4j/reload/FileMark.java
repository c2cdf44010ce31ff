package dev.derp4j.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/// By what a file is seen to have changed. Links are followed, so that a link which is turned to
/// another file, as orchestrators do it, counts as a change.
///
/// @param time of the last change; null if there is no such file
/// @param size in bytes
/// @param identity the file system's name for the file, null where it has none
record FileMark(@Nullable FileTime time, long size, @Nullable Object identity) {
  private static final FileMark ABSENT = new FileMark(null, 0, null);

  static FileMark of(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileMark(found.lastModifiedTime(), found.size(), found.fileKey());
    } catch (IOException | SecurityException unreadable) {
      return ABSENT;
    }
  }
}
