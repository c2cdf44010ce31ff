package dev.derp4j.reload;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Something of the set-up that is read at the start and can be read again.
///
/// @param <T> what it is
public interface Source<T> {
  /// Reads it. May read files; never on an event loop.
  ///
  /// @throws ReloadException if what is there is no good
  T read() throws ReloadException;

  /// The files that it is read from; none if it stays what it was at the start.
  Collection<Path> files();

  /// The same, but the first reading gives what was read already.
  default Source<T> beginningWith(T read) {
    Source<T> later = this;
    AtomicBoolean begun = new AtomicBoolean();
    return new Source<>() {
      @Override
      public T read() throws ReloadException {
        return begun.getAndSet(true) ? later.read() : read;
      }

      @Override
      public Collection<Path> files() {
        return later.files();
      }
    };
  }

  /// What is always the same.
  static <T> Source<T> fixed(T value) {
    return new Source<>() {
      @Override
      public T read() {
        return value;
      }

      @Override
      public Collection<Path> files() {
        return List.of();
      }
    };
  }
}
