package dev.derp4j.bench.load.report;

import com.sun.management.OperatingSystemMXBean;
import io.netty.channel.EventLoop;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/// Watches the generator itself, so that no figure passes for the server's that is the generator's.
///
/// Every 10 ms each event loop is asked to do nothing at a set time; how late it gets to that is
/// the loop's lag. Processor time is taken of the whole process, and of the busiest loop's thread.
public final class GeneratorWatch {
  private static final long BEAT_NANOS = 10_000_000;

  private final List<Heart> hearts = new ArrayList<>();
  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private long beganAt;
  private long processCpu;

  /// Begins watching these loops.
  public GeneratorWatch(List<EventLoop> loops) throws InterruptedException {
    for (EventLoop loop : loops) {
      Heart heart = new Heart(loop);
      hearts.add(heart);
      loop.submit(heart::start).await();
    }
  }

  /// Counts from here.
  public void begin() throws InterruptedException {
    beganAt = System.nanoTime();
    processCpu = system.getProcessCpuTime();
    for (Heart heart : hearts) {
      heart.loop.submit(heart::begin).await();
    }
  }

  /// What was seen since [#begin].
  ///
  /// @param spinning whether loops spin on purpose, so that their being busy means nothing
  public GeneratorReport end(boolean spinning) throws InterruptedException {
    double elapsed = System.nanoTime() - beganAt;
    double cpu = system.getProcessCpuTime() - processCpu;
    double busiest = 0;
    Histogram lag = new Histogram(1000, TimeUnit.MINUTES.toNanos(10), 3);
    for (Heart heart : hearts) {
      heart.loop.submit(() -> heart.end(lag)).await();
      busiest = Math.max(busiest, heart.cpuUsed.get() / elapsed);
    }
    return new GeneratorReport(
        cpu / elapsed, hearts.size(), busiest, spinning, Percentiles.of(lag), null);
  }

  /// The watch's presence on one loop; touched on that loop only.
  private static final class Heart {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final EventLoop loop;
    private final Histogram lag = new Histogram(1000, TimeUnit.MINUTES.toNanos(10), 3);
    private final AtomicLong cpuUsed = new AtomicLong();
    private long due;
    private long cpuAtBegin;
    private boolean stopped;

    Heart(EventLoop loop) {
      this.loop = loop;
    }

    void start() {
      due = System.nanoTime() + BEAT_NANOS;
      loop.schedule(this::beat, BEAT_NANOS, TimeUnit.NANOSECONDS);
    }

    private void beat() {
      if (stopped) {
        return;
      }
      long now = System.nanoTime();
      lag.recordValue(Math.clamp(now - due, 0, TimeUnit.MINUTES.toNanos(10)));
      due += BEAT_NANOS;
      while (due < now) {
        // Beats that were missed altogether would have been late as well.
        lag.recordValue(Math.clamp(now - due, 0, TimeUnit.MINUTES.toNanos(10)));
        due += BEAT_NANOS;
      }
      loop.schedule(this::beat, due - now, TimeUnit.NANOSECONDS);
    }

    void begin() {
      lag.reset();
      cpuAtBegin = THREADS.getCurrentThreadCpuTime();
    }

    void end(Histogram sum) {
      stopped = true;
      cpuUsed.set(THREADS.getCurrentThreadCpuTime() - cpuAtBegin);
      sum.add(lag);
    }
  }
}
