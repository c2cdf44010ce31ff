package dev.derp4j.metrics;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Instant;

/// What the JVM and the system know about this process.
///
/// Values from `/proc` are missing where there is none. The management beans are first touched when
/// someone asks for the metrics, since loading them costs memory that an unobserved relay need not
/// spend.
final class ProcessMetrics {
  private ProcessMetrics() {}

  static void register(Suppliers to, Clock clock) {
    Instant start = clock.instant();
    to.put(Metric.PROCESS_START_UNIX_TIME, start::getEpochSecond);
    to.put(Metric.UPTIME, () -> clock.instant().getEpochSecond() - start.getEpochSecond());
    to.put(Metric.GOROUTINES, () -> ManagementFactory.getThreadMXBean().getThreadCount());
    registerMemory(to);
    if (ProcFiles.present()) {
      registerProc(to);
    }
  }

  private static void registerMemory(Suppliers to) {
    long sys0 = memoryFromSystem();
    to.put(Metric.DERP_MEMSTATS_SYS0, () -> sys0);
    to.put(Metric.MEMSTATS_SYS, ProcessMetrics::memoryFromSystem);
    to.put(
        Metric.MEMSTATS_HEAP_ALLOC,
        () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    to.put(
        Metric.MEMSTATS_TOTAL_ALLOC,
        () ->
            ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getTotalThreadAllocatedBytes());
    to.put(
        Metric.MEMSTATS_NUM_GC,
        () ->
            ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum());
    to.put(
        Metric.MEMSTATS_GC_CPU_FRACTION,
        () ->
            ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                    .sum()
                / (double) Math.max(1, ManagementFactory.getRuntimeMXBean().getUptime()));
  }

  private static void registerProc(Suppliers to) {
    to.put(Metric.PROCESS_CPU_SECONDS, ProcFiles::cpuSeconds);
    to.put(Metric.PROCESS_MAX_FDS, () -> (double) ProcFiles.maxFileDescriptors());
    to.put(Metric.PROCESS_OPEN_FDS, () -> (double) ProcFiles.openFileDescriptors());
    to.put(Metric.DERP_CURRENT_FILE_DESCRIPTORS, ProcFiles::openFileDescriptors);
    to.put(Metric.PROCESS_RESIDENT_MEMORY, () -> (double) ProcFiles.residentBytes());
    to.put(Metric.PROCESS_VIRTUAL_MEMORY, () -> (double) ProcFiles.virtualBytes());
    to.put(Metric.PROCESS_START_TIME, ProcFiles::startSeconds);
    to.put(Metric.PROCESS_NETWORK_RECEIVE_BYTES, () -> (double) ProcFiles.networkBytes("InOctets"));
    to.put(
        Metric.PROCESS_NETWORK_TRANSMIT_BYTES, () -> (double) ProcFiles.networkBytes("OutOctets"));
    to.put(Metric.NODE_BOOT_TIME, ProcFiles::bootSeconds);
  }

  /// Resident memory that is no file's: heap, metaspace, compiled code, direct buffers, stacks.
  private static long memoryFromSystem() {
    return ProcFiles.present() ? ProcFiles.anonymousBytes() : Runtime.getRuntime().totalMemory();
  }
}
