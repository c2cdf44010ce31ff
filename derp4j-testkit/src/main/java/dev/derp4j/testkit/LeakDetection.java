package dev.derp4j.testkit;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test class that leaked a reference-counted object: a buffer, mostly.
///
/// Netty notices a leak when the garbage collector finds a buffer that nobody released. So at the
/// end of each top-level test class this collects garbage and asks every detector what it found. A
/// leak that shows up late fails a later class; the report's access records name the right one.
///
/// Registered for all tests of a module that has this jar in its test scope and the line
/// `junit.jupiter.extensions.autodetection.enabled=true` in
/// `src/test/resources/junit-platform.properties`. Loading it replaces Netty's detector factory and
/// raises the level to paranoid (every buffer is tracked), which must happen before the first
/// buffer is made: JUnit loads extensions before test classes.
public final class LeakDetection implements AfterAllCallback {
  private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();
  private static final List<RecordingDetector<?>> DETECTORS = new CopyOnWriteArrayList<>();
  private static final Cleaner CLEANER = Cleaner.create();

  /// What garbage collection may take, at most; it is there to end a hang, not to be waited for.
  private static final long COLLECTION_SECONDS = 20;

  static {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new RecordingFactory());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    boolean isTopLevel =
        context.getTestClass().map(test -> test.getEnclosingClass() == null).orElse(true);
    if (isTopLevel) {
      assertNoLeaks(context.getDisplayName());
    }
  }

  /// Throws an [AssertionError] with all reports if anything leaked since this was last asked.
  public static void assertNoLeaks(String where) {
    List<String> reports = collect();
    if (!reports.isEmpty()) {
      throw new AssertionError(
          reports.size() + " leaks until the end of " + where + ":\n" + String.join("\n", reports));
    }
  }

  /// Collects garbage and takes away the reports of what leaked.
  static List<String> collect() {
    collectGarbage();
    collectGarbage(); // when the second one is through, the first one's references have all been
    // handed over
    DETECTORS.forEach(RecordingDetector::poll);
    List<String> taken = new ArrayList<>();
    for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
      taken.add(report);
    }
    return taken;
  }

  /// Returns when an object that was garbage before has demonstrably been collected.
  private static void collectGarbage() {
    CountDownLatch collected = new CountDownLatch(1);
    CLEANER.register(new Object(), collected::countDown);
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(COLLECTION_SECONDS);
      do {
        System.gc();
        if (System.nanoTime() > deadline) {
          throw new AssertionError("the garbage collector does not collect");
        }
      } while (!collected.await(100, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static final class RecordingFactory extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // the only method that a factory must have
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      RecordingDetector<T> detector = new RecordingDetector<>(resource, samplingInterval);
      DETECTORS.add(detector);
      return detector;
    }
  }

  private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
    RecordingDetector(Class<T> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    /// Netty looks at what was collected whenever it tracks something new; so let it.
    @SuppressWarnings("unchecked") // a detector never looks into what it tracks
    void poll() {
      T anything = (T) new Object();
      ResourceLeakTracker<T> tracker = track(anything);
      if (tracker != null) {
        tracker.close(anything);
      }
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      REPORTS.add(resourceType + " was not released:" + withoutTestEngine(records));
    }

    /// Two thirds of each stack trace tell how JUnit runs a test.
    private static String withoutTestEngine(String records) {
      return records
          .lines()
          .filter(line -> !line.contains("org.junit."))
          .collect(Collectors.joining("\n"));
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      REPORTS.add(resourceType + " was not released; where it was used is not known");
    }
  }
}
