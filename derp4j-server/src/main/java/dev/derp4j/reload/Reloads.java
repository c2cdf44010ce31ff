package dev.derp4j.reload;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything of one relay that can be read again.
///
/// Thread-safe. All reading happens on one thread of its own, which starts with the first thing to
/// watch or to read. Files are looked at every two seconds rather than through the system's change
/// events: those miss what happens behind links, on network file systems and in mounted secrets.
/// A changed file is read only once it looks the same twice in a row, so that one that is still
/// being written is left alone.
public final class Reloads implements AutoCloseable {
  /// How often watched files are looked at.
  public static final Duration INTERVAL = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

  private final List<Reloadable> all = new CopyOnWriteArrayList<>();
  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final ScheduledThreadPoolExecutor executor;
  private final Duration interval;
  private boolean watching;

  public Reloads() {
    this(INTERVAL);
  }

  /// @param interval how often watched files are looked at
  public Reloads(Duration interval) {
    this.interval = interval;
    executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("derp4j-reload").daemon().unstarted(task));
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /// Adds what is read again on request only.
  public void add(Reloadable reloadable) {
    all.add(reloadable);
  }

  /// Adds what is read again on request and when one of its files changes.
  ///
  /// @param files asked again at each look
  public synchronized void watch(
      Reloadable reloadable, Supplier<? extends Collection<Path>> files) {
    all.add(reloadable);
    watches.add(new Watch(reloadable, files));
    if (!watching) {
      watching = true;
      executor.scheduleWithFixedDelay(
          this::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /// Reads everything again and logs what changed. Returns at once; the reading happens elsewhere.
  public void reloadAll() {
    if (!executor.isShutdown()) {
      executor.execute(this::readAll);
    }
  }

  private void readAll() {
    boolean quiet = true;
    for (Reloadable reloadable : all) {
      quiet &= read(reloadable);
    }
    if (quiet) {
      LOG.info("derper: nothing to change");
    }
  }

  /// Reads one thing again.
  ///
  /// @return whether there was nothing to tell
  private boolean read(Reloadable reloadable) {
    try {
      List<String> changes = reloadable.reload();
      changes.forEach(change -> LOG.info("derper: {}", change));
      return changes.isEmpty();
    } catch (ReloadException bad) {
      LOG.error("derper: {}", reloadable.failure(String.valueOf(bad.getMessage())));
    } catch (RuntimeException fault) {
      LOG.error("derper: {}", reloadable.failure("internal error: " + fault));
      LOG.debug("derper: where it happened", fault);
    }
    return false;
  }

  private void look() {
    for (Watch watch : watches) {
      if (watch.changed()) {
        read(watch.reloadable);
      }
    }
  }

  /// Stops watching and reading.
  @Override
  public void close() {
    executor.shutdownNow();
  }

  /// The files of one thing, as they were when last looked at. Owned by the reading thread.
  private static final class Watch {
    private final Reloadable reloadable;
    private final Supplier<? extends Collection<Path>> files;
    private Map<Path, FileMark> read;
    private Map<Path, FileMark> seen;

    Watch(Reloadable reloadable, Supplier<? extends Collection<Path>> files) {
      this.reloadable = reloadable;
      this.files = files;
      this.read = marks();
      this.seen = read;
    }

    /// Whether the files are others than those that were read, and at rest.
    boolean changed() {
      Map<Path, FileMark> now = marks();
      boolean atRest = now.equals(seen);
      seen = now;
      if (!atRest || now.equals(read)) {
        return false;
      }
      read = now;
      return true;
    }

    private Map<Path, FileMark> marks() {
      Map<Path, FileMark> marks = new HashMap<>();
      for (Path file : files.get()) {
        marks.put(file, FileMark.of(file));
      }
      return marks;
    }
  }
}
