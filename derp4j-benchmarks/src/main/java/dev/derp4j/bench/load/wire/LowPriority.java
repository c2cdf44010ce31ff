package dev.derp4j.bench.load.wire;

import io.netty.channel.epoll.Epoll;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Makes event loops that take only the processor time which others leave, so that connects do not
/// hold up the packets whose delay the same process measures.
///
/// The threads are scheduled as `SCHED_IDLE`: any other that wakes takes the processor from them at
/// once. Being `nice` is not enough, since a thread may end its slice of 3 ms before it makes room.
/// On Linux alone; elsewhere they are like any other.
final class LowPriority extends DefaultThreadFactory {
  private static final int CALLING_THREAD = 0;
  private static final int SCHED_IDLE = 5;

  /// @param name what the threads are called, before their numbers
  LowPriority(String name) {
    super(name, true);
  }

  @Override
  protected Thread newThread(Runnable work, String name) {
    return super.newThread(
        () -> {
          yieldToOthers();
          work.run();
        },
        name);
  }

  @SuppressWarnings("restricted") // fails where native access is denied
  private static void yieldToOthers() {
    if (!Epoll.isAvailable()) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor types =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    try (Arena arena = Arena.ofConfined()) {
      // struct sched_param: the priority, which must be 0.
      MemorySegment parameters = arena.allocate(ValueLayout.JAVA_INT);
      int failed =
          (int)
              linker
                  .downcallHandle(linker.defaultLookup().findOrThrow("sched_setscheduler"), types)
                  .invokeExact(CALLING_THREAD, SCHED_IDLE, parameters);
      if (failed != 0) {
        throw new IllegalStateException("sched_setscheduler failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
